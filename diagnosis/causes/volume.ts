import type { Cause, Step } from '../cause.ts'
import type { Facts } from '../facts.ts'
import { agentSaid } from './agent-said.ts'
import { setForGuests } from './edit-guest-config.ts'
import { safeWord } from './safe-word.ts'
import { SUDO } from './sudo-refused.ts'
import { unclearEnd } from './unclear-end.ts'

/** Trove's default of device_path. */
const USUAL = '/dev/vdb'
const NOT_READY = /Device '([^']+)' is not ready|blockdev: cannot open ([^\s:]+)/
// "Volume '/dev/vdb' was not formatted", with a traceback, is what the agent logs of every new volume before it formats it.
const UNUSABLE = /Could not (format|mount) '([^']+)'|Volume '([^']+)' does not appear to be formatted|did not seem to be '|mkfs[.\w]*: |mke2fs: |Time out after waiting .*mkfs|mount: .*(failed|bad superblock)/

export const deviceMissing: Cause = {
  id: 'H1',
  name: 'data-volume-missing',
  title: 'the data volume is not there under the name that the agent is told',
  phase: 'start-agent',
  shows: "the agent ends with \"Device '/dev/vdb' is not ready\" before it ever speaks to RabbitMQ",
  needs: ['guest', 'console', 'record'],
  symptomOf: ['H4'],
  mend: 'device_path of the datastore as the guest names its second disk: lsblk',
  find(facts) {
    const proof = agentSaid(facts, NOT_READY)
    if (proof === undefined) return unclearEnd(facts, 'its data volume may be missing')
    if (SUDO.test(proof.text)) return undefined
    const [, quoted, bare] = NOT_READY.exec(proof.text)!
    return { what: `the guest has no device ${quoted ?? bare}`, proof: [proof, ...devicesProof(facts)], mend: mend(facts, (quoted ?? bare)!) }
  },
}

export const volumeUnusable: Cause = {
  id: 'H2',
  name: 'data-volume-unusable',
  title: 'the data volume cannot be formatted or mounted',
  phase: 'start-agent',
  shows: "the agent ends with \"Could not format '/dev/vdb'\" or \"Could not mount\"",
  needs: ['guest', 'console', 'record'],
  symptomOf: ['H1', 'H4'],
  mend: 'look at the volume in the guest (dmesg, lsblk); on a slow disk raise volume_format_timeout',
  find(facts) {
    const proof = agentSaid(facts, UNUSABLE)
    if (proof === undefined) return unclearEnd(facts, 'its data volume may not be usable')
    if (SUDO.test(proof.text) || NOT_READY.test(proof.text)) return undefined
    const [, verb, device, unformatted] = UNUSABLE.exec(proof.text)!
    const path = safeWord(device ?? unformatted)
    return {
      what: `the agent cannot ${verb ?? 'use'} its data volume${device === undefined && unformatted === undefined ? '' : ` ${device ?? unformatted}`}`,
      proof: [proof],
      mend: [
        { on: 'guest', run: 'sudo dmesg --level=err,warn' },
        { on: 'guest', run: path?.startsWith('/dev/') ? `lsblk --fs ${path}` : 'lsblk --fs' },
        ...(/time ?out|timed out/i.test(proof.text) ? setForGuests(facts, 'DEFAULT', 'volume_format_timeout', '600') : [{ on: 'cloud' as const, say: 'should the volume itself be faulty: create the instance anew' }]),
      ],
    }
  },
}

function devicesProof({ evidence }: Facts) {
  const devices = evidence.guest?.devices ?? []
  return devices.length === 0 ? [] : [{ source: 'guest' as const, where: 'guest, lsblk', text: devices.join(' ') }]
}

/** With the one disk that is neither the first nor the one asked for, or that Trove asks for by default, the option can be written down; else nobody knows which it is. */
function mend(facts: Facts, wanted: string): Step[] {
  const { guest, trove } = facts.evidence
  const root = guest?.disks.find(({ mount }) => mount === '/')?.source ?? ''
  const others = (guest?.devices ?? []).filter((device) => /^\/dev\/(sd|vd|xvd|nvme\d+n)\w+$/.test(device) && device !== wanted && !root.startsWith(device))
  const section = facts.option('DEFAULT', 'datastore_manager')?.value ?? trove?.instance?.datastore ?? 'mysql'
  const manager = safeWord(section)
  const device = others.length === 1 ? safeWord(others[0]) : others.find((device) => device === USUAL)
  if (device !== undefined && manager !== undefined) return setForGuests(facts, manager, 'device_path', device)
  // Trove's own default, where somebody has written another one.
  if (wanted !== USUAL && manager !== undefined && guest === undefined) return setForGuests(facts, manager, 'device_path', USUAL)
  return [
    { on: 'guest', run: 'lsblk' },
    { on: 'host', say: `set device_path in the datastore's section to the name that lsblk shows; without a second disk: give the instance its volume (openstack server volume list ${facts.evidence.nova?.server?.id ?? 'SERVER'})` },
  ]
}
