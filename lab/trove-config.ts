import { randomBytes } from 'node:crypto'
import type { Secret } from '../contract/secret.ts'

/** How a guest on QEMU's user network reaches this machine's 127.0.0.1. */
export const HOST_AS_SEEN_BY_GUESTS = '10.0.2.2'

/** An emulated guest takes minutes for what Trove expects within seconds; the documented options for that. */
export const PATIENCE = { state_change_wait_time: 900, usage_timeout: 1200, agent_call_high_timeout: 900 } as const
const PATIENCE_LINES = Object.entries(PATIENCE).map(([name, value]) => `${name} = ${value}`)

/** The control plane's trove.conf. */
export function troveConf(options: { transportUrl: Secret; database: string; guestAgentConf: string }): string {
  return [
    '[DEFAULT]',
    'debug = true',
    `transport_url = ${options.transportUrl.reveal()}`,
    'control_exchange = trove',
    // trove-conductor takes nothing but an address here
    'host = 127.0.0.1',
    'trove_conductor_workers = 1',
    // the published defaults of these are no secret
    `inst_rpc_key_encr_key = ${randomBytes(16).toString('hex')}`,
    `taskmanager_rpc_encr_key = ${randomBytes(16).toString('hex')}`,
    `guest_config = ${options.guestAgentConf}`,
    // the default, ubuntu, is no user of a Debian guest, and cloud-init then writes nothing after the first file
    'injected_config_owner = root',
    `controller_address = ${HOST_AS_SEEN_BY_GUESTS}`,
    ...PATIENCE_LINES,
    '',
    databaseConf(options.database),
  ].join('\n')
}

/** The part of trove.conf that making the tables needs. */
export function databaseConf(database: string): string {
  return `[database]\nconnection = sqlite:///${database}\n`
}

/** trove-guestagent.conf as an operator of this control plane has it. */
export function guestAgentConf(transportUrl: Secret): string {
  return [
    '[DEFAULT]',
    '# the broker, as the guests see it',
    `transport_url = ${transportUrl.reveal()}`,
    'control_exchange = trove',
    ...PATIENCE_LINES,
    '',
    '[mysql]',
    '# the guest\'s second disk',
    'device_path = /dev/vdb',
    '',
  ].join('\n')
}
