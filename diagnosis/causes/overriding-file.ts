import type { Cause } from '../cause.ts'
import type { Facts, Said } from '../facts.ts'
import { GUEST, UNITS } from '../../contract/paths.ts'
import { saidProof } from './daemon-fault.ts'
import { setAside } from './edit-guest-config.ts'
import { isLoopback } from './loopback.ts'

/** oslo.config reads the folder in the order of names: what sorts behind the served file wins over it. */
export const overridingFile: Cause = {
  id: 'F9',
  name: 'config-overridden',
  title: "another file in the agent's configuration folder overrides the right one",
  phase: 'configure',
  shows: 'reach-rabbitmq fails at a broker that no file on the host names; its config= names the file in the guest',
  needs: ['console', 'record', 'guest'],
  mend: `put the file aside that sorts last in ${GUEST.confDir}`,
  find(facts) {
    const { failing } = facts
    if (failing === undefined) return undefined
    const file = overriding(facts, failing)
    if (file === undefined || isLoopback(failing.details['host'])) return undefined
    const { host, port } = failing.details
    return {
      what: `${file} in the guest overrides what the host serves${host === undefined ? '' : `: the agent would dial ${host}:${port}`}`,
      proof: [saidProof(failing)],
      mend: [setAside(file), { on: 'guest', run: `sudo systemctl restart ${UNITS.guest}` }],
    }
  },
}

function overriding(facts: Facts, failing: Said): string | undefined {
  const file = failing.details['config'] ?? facts.evidence.guest?.transport?.file
  // Which CA counts is its own question (G7): there `config` is the file of ssl_ca_file.
  if (failing.code === 'AMQP_CA_MISSING') return undefined
  if (failing.code?.startsWith('AMQP_') === true) return file !== undefined && nameOf(file) > nameOf(GUEST.servedConfig) ? nameOf(file) : undefined
  const other = failing.code === 'CONFIG_INVALID' && /would read guest_id (?!nowhere)\S+/.test(failing.message ?? '')
  const set = other ? (failing.details['config'] ?? facts.option('DEFAULT', 'guest_id')?.file) : undefined
  return set !== undefined && !GUEST.guestInfo.some((path) => nameOf(path) === nameOf(set)) ? nameOf(set) : undefined
}

const nameOf = (path: string): string => path.split('/').at(-1)!
