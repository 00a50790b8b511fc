// What this host itself lacks: seen before there is an instance, by doctor alone.
import type { Cause, Proof } from '../cause.ts'
import type { HostSeen } from '../host-seen.ts'
import { safeWord } from './safe-word.ts'

const TROVE_PORT = 8779
/** Bytes and files. With less nothing that writes goes on: RabbitMQ's own limit is 50 MB. */
const NOTHING_LEFT = { free: 64 * 1024 ** 2, inodes: 1000 } as const

/** N13 */
export const troveApiAway: Cause = {
  id: 'N13',
  name: 'trove-api-away',
  title: 'trove-api does not run beside the other services of Trove',
  phase: 'control-plane',
  shows: 'openstack database commands end with "Unable to establish connection"; nothing listens on 8779',
  needs: ['machine'],
  mend: 'systemctl start trove-api',
  find({ evidence: { machine } }) {
    const { services } = machine?.host ?? {}
    if (services === undefined || runs(services, 'trove-api') || !(runs(services, 'trove-conductor') || runs(services, 'trove-taskmanager'))) return undefined
    if (machine!.listening.some(({ port }) => port === TROVE_PORT)) return undefined
    return { what: 'trove-api does not run', proof: [{ source: 'machine', where: 'processes', text: `no trove-api, and nothing listens on ${TROVE_PORT}` }], mend: [{ on: 'host', run: 'systemctl start trove-api', say: 'its unit has other names too: openstack-trove-api, devstack@tr-api' }] }
  },
}

function runs(services: HostSeen['services'], name: string): boolean {
  return (services[name]?.length ?? 0) > 0
}

/** N14 */
export const hostDiskFull: Cause = {
  id: 'N14',
  name: 'host-disk-full',
  title: 'a file system of the host, on which images, instances or queues lie, is full',
  phase: 'control-plane',
  shows: 'uploads end with "No space left on device"; RabbitMQ blocks publishers; servers end in ERROR',
  needs: ['machine'],
  mend: 'free some space or files there: df -h, df -i',
  find({ evidence: { machine } }) {
    const full = (machine?.host?.disks ?? []).filter(({ free, inodes, inodes_free }) => free < NOTHING_LEFT.free || (inodes > 0 && inodes_free < NOTHING_LEFT.inodes))
    const [first] = full
    if (first === undefined) return undefined
    const paths = full.map(({ mount }) => safeWord(mount)).filter((path) => path !== undefined)
    return {
      what: `nothing is left where ${full.flatMap(({ holds }) => holds).join(', ')} lie`,
      proof: full.map((disk): Proof => ({ source: 'machine', where: disk.mount, text: disk.free < NOTHING_LEFT.free ? `${Math.floor(disk.free / 1e6)} MB free` : `${disk.inodes_free} of ${disk.inodes} files left` })),
      mend: [{ on: 'host', run: `df -h ${paths.join(' ')}`, say: 'then take away what is not needed any more; du -xhd1 shows what takes the space' }],
    }
  },
}

/** D13 */
export const keysExposed: Cause = {
  id: 'D13',
  name: 'host-keys-exposed',
  title: "others on the host may read host-server's keys, so what guests trust may be somebody else",
  phase: 'control-plane',
  shows: "a file below host-server's state has a mode other than 0600; `trovestrap doctor` names it",
  needs: ['machine'],
  mend: 'chmod 600 FILE; trovestrap init --new-signing-key, --new-operator-token where somebody may have read it',
  find({ evidence: { machine } }) {
    const open = (machine?.host?.keys ?? []).filter(({ mode }) => (parseInt(mode, 8) & 0o077) !== 0)
    const paths = open.map(({ path }) => safeWord(path)).filter((path) => path !== undefined)
    if (open.length === 0) return undefined
    return {
      what: `others on this host may read ${open.map(({ path }) => path.split('/').at(-1)).join(', ')} of host-server`,
      proof: open.map(({ path, mode }) => ({ source: 'machine', where: path, text: `mode ${mode}, expected 0600` })),
      mend: [{ on: 'host', run: `chmod 600 ${paths.join(' ')}`, say: 'what somebody may have read is made anew with trovestrap init: --renew, --new-signing-key, --new-operator-token, --new-ca' }],
    }
  },
}
