import type { LabFault } from '../fault-lab/lab-fault.ts'

const STAGES = ['identify', 'network', 'enrol', 'fetch', 'configure', 'install-requirements', 'reach-rabbitmq', 'start-agent']
/** Looks, one behind the other, while the agent starts, is heard and prepares its database. */
const LOOKS = 9

/** Nothing is broken: a look at every stage of a normal bring-up, behind it, and once the database is healthy. */
export const healthyRuns: readonly LabFault[] = [
  { name: 'healthy-at-boot', expect: [], from: 'snapshot', shows: { passed: 0 } },
  ...STAGES.map((stage): LabFault => ({ name: `healthy-${stage}`, expect: [], from: 'snapshot', shows: { console: new RegExp(`stage=${stage} state=`), within: 240 } })),
  ...Array.from({ length: LOOKS }, (_, look): LabFault => ({ name: `healthy-going-on-${look + 1}`, expect: [], from: 'before', shows: { passed: 0 } })),
  { name: 'healthy-building', expect: [], from: 'before', shows: { console: /stage=ready state=done/, within: 240 } },
  { name: 'healthy', expect: [], from: 'before', shows: { status: 'healthy', within: 420 } },
  { name: 'healthy-first-boot', expect: [], from: 'boot', shows: { console: /stage=ready state=done/, within: 300 } },
]

/** Two causes at once: both are named, the earlier first. */
export const doubleFaults: readonly LabFault[] = [
  { name: 'login-refused-and-conductor-down', expect: ['G2', 'J1'], from: 'snapshot', host: 'printf "another-secret\\n" | rabbitmqctl --quiet change_password trove\nsystemctl stop trove-conductor', shows: { console: /code=AMQP_LOGIN_REFUSED/ } },
  { name: 'disk-full-and-conductor-down', expect: ['B8', 'J1'], from: 'snapshot', host: 'systemctl stop trove-conductor', guest: 'fallocate -l "$(( $(stat -f -c "%f * %S" /) - 8000000 ))" /var/filled', shows: { console: /code=DISK_FULL/ } },
]
