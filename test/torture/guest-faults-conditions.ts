import type { Link } from './relay.ts'

/** Something bad that happens to a guest in the middle of its bring-up, and what it says meanwhile. */
export interface GuestCondition {
  readonly name: string
  /** As root in the guest before the daemon starts. */
  readonly before?: string
  /** As root in the guest, beside the daemon: waits for its moment, then does it. */
  readonly beside?: string
  /** What the way to host-server is, from the beginning. */
  readonly link?: Link
  /** Done on this side once so many bytes have come through from the host. */
  readonly after?: { readonly bytes: number; readonly act: 'pull the cable' | 'stop the host' }
  /** The guest's own line that says what holds it; absent: it need not be held. */
  readonly says?: RegExp
  /** How it ends: commands in the guest, or on this side; absent: it stays, and the guest becomes ready all the same. */
  readonly lift?: { readonly guest: string } | 'plug the cable' | 'start the host' | 'a good link'
}

const FULL = `full() {
  pkill -STOP -f guest-bootstrap.mjs
  fallocate -l "$(( $(stat -f -c '%f * %S' /) - 4000000 ))" /var/filled
  dd if=/dev/zero of=/var/filled.too bs=256k 2> /dev/null
  dd if=/dev/zero of=/var/filled.also bs=4k 2> /dev/null
  sync
  pkill -CONT -f guest-bootstrap.mjs
}
`
const EMPTY = { guest: 'rm -f /var/filled /var/filled.*' }
const once = (condition: string): string => `until ${condition}; do :; done\n`
const ENROLLED = once('grep -qs granted /var/lib/trovestrap/enrolment.json')
/** So that pip has something to do. */
const LACKS = 'rm -rf /usr/lib/python3/dist-packages/passlib*\n'
const CLOCK_RIGHT = { guest: 'date -s "@$NOW" > /dev/null' }

const failed = (stage: string, code: string): RegExp => new RegExp(`stage=${stage} state=failed code=${code}\\b`)
/** A link on which the tree takes about ten seconds, so that there is a middle. */
const SLOW: Link = { bytesPerSecond: 100_000 }

/** @param random for the offsets of cuts and stalls */
export const guestConditions = (random: () => number): readonly GuestCondition[] => [
  {
    name: '/run full',
    beside: `${once('pkill -STOP -f guest-bootstrap.mjs')}dd if=/dev/zero of=/run/filled bs=4k 2> /dev/null\npkill -CONT -f guest-bootstrap.mjs\n`,
    says: /state=failed code=DISK_FULL path=\/run\/trovestrap\//,
    lift: { guest: 'rm -f /run/filled' },
  },
  {
    name: 'root file system read-only',
    beside: `${ENROLLED}pkill -STOP -f guest-bootstrap.mjs\necho u > /proc/sysrq-trigger\n${once("grep -q ' / ext4 ro' /proc/mounts")}pkill -CONT -f guest-bootstrap.mjs\n`,
    says: failed('fetch', 'DISK_READ_ONLY'),
    lift: { guest: 'mount -o remount,rw /' },
  },
  { name: 'clock ten years ahead', before: "date -s '+10 years' > /dev/null\n", says: failed('network', 'CLOCK_OFF'), lift: CLOCK_RIGHT },
  { name: 'clock ten years behind', before: "date -s '-10 years' > /dev/null\n", says: failed('network', 'CLOCK_OFF'), lift: CLOCK_RIGHT },
  { name: 'clock jumps ten years ahead in the middle', before: LACKS, beside: `${ENROLLED}date -s '+10 years' > /dev/null\n`, says: /state=failed code=(CLOCK_OFF|INDEX_UNREACHABLE)/, lift: CLOCK_RIGHT },
  { name: 'clock jumps ten years back in the middle', before: LACKS, beside: `${ENROLLED}date -s '-10 years' > /dev/null\n`, says: /state=failed code=(CLOCK_OFF|INDEX_UNREACHABLE)/, lift: CLOCK_RIGHT },
  {
    // The rest of the tree comes over a second connection, from the new address: nothing has to be said.
    name: 'another address in the middle',
    link: SLOW,
    beside: `${once('ls -A /var/lib/trove/source 2> /dev/null | grep -q zst')}ip address flush dev eth0 scope global\nip address add 10.0.2.77/24 dev eth0\nip route replace default via 10.0.2.2 dev eth0\n`,
  },
  { name: 'network gone in the middle of the tree', link: SLOW, after: { bytes: 400_000, act: 'pull the cable' }, says: /state=failed code=(HOST_SILENT|NO_ROUTE)/, lift: 'plug the cable' },
  { name: 'host away in the middle of the tree', link: SLOW, after: { bytes: 400_000, act: 'stop the host' }, says: /state=failed code=(HOST_REFUSED|HOST_FAILED)/, lift: 'start the host' },
  {
    name: 'slow link that stalls and cuts each connection, to the end',
    link: { delayMs: 200, bytesPerSecond: 64_000, stall: { afterBytes: () => 50_000 + random() * 100_000, ms: 1000 }, cutAfter: () => 260_000 + Math.floor(random() * 150_000) },
  },
  { name: 'link that lets no manifest through', link: { cutAfter: () => 40_000 + Math.floor(random() * 20_000) }, says: failed('fetch', 'HOST_FAILED'), lift: 'a good link' },
  { name: 'disk full before the enrolment is kept', before: `${FULL}full\n`, says: failed('enrol', 'DISK_FULL'), lift: EMPTY },
  { name: 'disk full before the tree comes', beside: `${FULL}${ENROLLED}full\n`, says: failed('fetch', 'DISK_FULL'), lift: EMPTY },
  { name: 'disk full in the middle of the tree', link: SLOW, beside: `${FULL}${once('ls -A /var/lib/trove/source 2> /dev/null | grep -q zst')}full\n`, says: failed('fetch', 'DISK_FULL'), lift: EMPTY },
  { name: 'disk full when the configuration comes', beside: `${FULL}${once('[ -L /var/lib/trove/source/current ]')}full\n`, says: failed('configure', 'DISK_FULL'), lift: EMPTY },
  {
    name: 'disk full when pip installs',
    before: LACKS,
    beside: `${FULL}${once('[ -s /var/lib/trovestrap/served-config.json ]')}full\n`,
    says: failed('install-requirements', 'DISK_FULL'),
    lift: EMPTY,
  },
]
