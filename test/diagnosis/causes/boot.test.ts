import t from 'tap'
import { boot } from '../../../diagnosis/causes/boot.ts'
import { answers, ask, done, failed, type Given, INSTANCE, queues, unit } from '../evidence-of.ts'

const OTHER = '0f0f0f0f-0000-4000-8000-000000000002'
const NOTHING_AT_ALL = 'no guest_id was injected into this instance: looked in /etc/trove/conf.d/guest_info.conf; no config drive, no metadata service'
const PANIC = '[    1.2] Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)'
const METADATA = "cloud-init[412]: url_helper.py[WARNING]: Calling 'http://169.254.169.254/openstack' failed [50/120s]: timed out"
const ADDRESSED = ['ci-info: ++++++++++Net device info++++++++++', 'ci-info: |  ens3  | True |  10.0.2.15  | 255.255.255.0 | global | 52:54:00:12:34:56 |']
const login = ['[  OK  ] Reached target cloud-init.target - Cloud-init target.', 'db-1 login: ']
const own = (differs: Parameters<typeof unit>[1]) => unit('trovestrap-guest.service', differs)
const none = unit('guest-agent.service', { load: 'not-found', active: 'inactive', enabled: '' })
const marker = (which: string, exists: boolean, changed?: string) => ({ path: `/opt/trove-guestagent/.guestagent.prepare.${which}`, exists, ...(changed === undefined ? {} : { changed }) })
const full = { mount: '/', source: '/dev/vda1', size: 4e9, free: 1e6 }
const NO_UBUNTU = "OSError: Unknown user or group: 'getpwnam(): name not found: 'ubuntu''"
const OOM = '[  80.1] Out of memory: Killed process 812 (python3) total-vm:123kB'

const BROKE_OFF = "util.py[WARNING]: Running module write-files (<module 'cloudinit.config.cc_write_files'>) failed"
const owner = (name: string | undefined) => ({ trove_conf: { file: { path: '/etc/trove/trove.conf', readable: true }, options: name === undefined ? {} : { injected_config_owner: name } } })

const CASES: readonly [title: string, given: Given, ids: readonly string[]][] = [
  ['a kernel panic', { console: ['[    0.0] Linux version 6.1', PANIC] }, ['B1']],
  ['a panic of a boot before this one', { console: [PANIC, '[    0.0] Linux version 6.1', done('identify')] }, []],
  ['our unit cannot be executed', { guest: { units: [own({ active: 'activating', result: 'exit-code', status: 203 })], journals: { 'trovestrap-guest.service': ['Failed at step EXEC spawning /opt/trovestrap/bin/node: Permission denied'] } } }, ['B6']],
  ["the image's own unit names a user that is not there", { guest: { units: [own({ load: 'not-found', active: 'inactive', enabled: '' }), unit('guest-agent.service', { active: 'failed', result: 'exit-code', status: 217 })] } }, ['B6']],
  ['our unit is not enabled', { guest: { units: [own({ active: 'inactive', enabled: 'disabled' }), none] } }, ['B6']],
  ["ours is not enabled, and the image's own stands back for it", { guest: { units: [own({ active: 'inactive', enabled: 'disabled' }), unit('guest-agent.service', { active: 'inactive' })] } }, ['B6']],
  ['the image has no unit at all', { guest: { units: [own({ load: 'not-found', active: 'inactive', enabled: '' }), none] } }, ['B6']],
  ['our unit has ended well, as it does', { guest: { units: [own({ active: 'inactive', sub: 'dead' }), none] } }, []],
  ["the image's own unit runs", { guest: { units: [own({ load: 'not-found', active: 'inactive', enabled: '' }), unit('guest-agent.service')] } }, []],
  ['systemd says on the console that our unit failed to start', { console: ['[FAILED] Failed to start trovestrap-guest.service - Trovestrap: brings the Trove guest agent up.'] }, ['B6']],
  ["the agent's unit does not start for want of its user", { console: [failed('start-agent', 'AGENT_START_FAILED', { status: 217 })] }, ['B6']],
  ["the agent's user is not in the image", { console: [failed('configure', 'AGENT_USER_MISSING', { user: 'trove' })] }, ['B6']],
  ['a login without a word of ours', { console: login, machine: {} }, ['B6?']],
  ['a login without a word, where the guest was looked into', { console: login, machine: {}, guest: { units: [own({})] } }, []],
  ['a login before cloud-init has ended', { console: login.slice(1), machine: {} }, []],
  ['a login of an image that is not ours', { console: login }, []],
  ['the owner of injected files is missing', { guest: { logs: { '/var/log/cloud-init.log': [NO_UBUNTU] } } }, ['B2']],
  ['the owner is missing and the daemon has put the files there itself', { console: [done('identify')], guest: { logs: { '/var/log/cloud-init.log': [NO_UBUNTU] } } }, []],
  ['write_files failed on the console', { console: [BROKE_OFF] }, ['B2?']],
  ['the same, and trove.conf names an owner', { console: [BROKE_OFF], machine: owner('guest') }, ['B2']],
  ['the same, and trove.conf leaves it to the default, ubuntu', { console: [BROKE_OFF], machine: owner(undefined) }, ['B2']],
  ['the same, and the disk is full', { console: [BROKE_OFF, 'OSError: [Errno 28] No space left on device'], machine: owner('guest') }, ['B2?']],
  ['write_files failed, and its files are to be of root, who is everywhere', { console: [BROKE_OFF], machine: owner('root') }, []],
  ['neither drive nor metadata, with an address', { console: [...ADDRESSED, failed('identify', 'NO_GUEST_ID', {}, NOTHING_AT_ALL)] }, ['B3']],
  ['neither drive nor metadata; whether with an address is not known', { console: [failed('identify', 'NO_GUEST_ID', {}, NOTHING_AT_ALL)] }, ['B3?']],
  ['neither drive nor metadata, for want of an address', { console: [ADDRESSED[0]!, 'ci-info: |  ens3  | False |  .  | . | . | 52:54:00:12:34:56 |', failed('identify', 'NO_GUEST_ID', {}, NOTHING_AT_ALL)] }, []],
  ['no metadata, and without our daemon', { console: [...ADDRESSED, METADATA], guest: { files: [{ path: '/etc/trove/conf.d/guest_info.conf', exists: false }] } }, ['B3']],
  ['a metadata service that was slow, and the guest has its id', { console: [METADATA, done('identify')] }, []],
  ["another instance's guest_id", { guest: { config: [{ section: 'DEFAULT', option: 'guest_id', value: OTHER, file: '/etc/trove/conf.d/guest_info.conf' }] } }, ['B4']],
  ["another instance's guest_id on the console", { console: [done('identify', `guest_id ${OTHER} from /etc/trove/conf.d/guest_info.conf`)] }, ['B4']],
  ['its own guest_id', { console: [done('identify', `guest_id ${INSTANCE} from the config drive`)], guest: { config: [{ section: 'DEFAULT', option: 'guest_id', value: INSTANCE, file: 'f' }] } }, []],
  ['Trove was told shutdown while it waited', { trove: { instance: { task: 0x5b }, fault: { message: 'Service not active, status: shutdown' } } }, ['B5']],
  ['a guest says shutdown while it is built', { trove: { instance: { task: 5 }, service: { text: 'shutdown' } } }, ['B5']],
  ['the mark is older than the instance', { trove: { instance: { task: 5, created: '2026-08-01T12:00:00Z' } }, guest: { files: [marker('start', true), marker('end', true, '2025-06-01T00:00:00Z')] } }, ['B5']],
  ['the mark of a guest that was prepared here', { trove: { instance: { created: '2026-08-01T12:00:00Z' } }, guest: { files: [marker('start', true), marker('end', true, '2026-08-01T12:04:00Z')] } }, []],
  ['Python is too old, by the daemon', { console: [failed('install-requirements', 'PYTHON_TOO_OLD', { python: '/usr/bin/python3' })] }, ['B7']],
  ['Python is too old, by pip', { guest: { journals: { 'guest-agent.service': ["ERROR: Package 'trove' requires a different Python: 3.10.12 not in '>=3.11'"] } } }, ['B7']],
  ['the disk is full, by the daemon', { console: [failed('fetch', 'DISK_FULL', { path: '/var/lib/trove' })] }, ['B8']],
  ['the disk is full, by pip', { console: [failed('install-requirements', 'PIP_FAILED', {}, 'pip failed: [Errno 28] No space left on device')] }, ['B8']],
  ['the disk is full, in the journal of an image of its own', { guest: { disks: [full], journals: { 'guest-agent.service': ['OSError: [Errno 28] No space left on device'] } } }, ['B8']],
  ['a line about space while space is there', { guest: { disks: [{ ...full, free: 1e9 }], journals: { 'guest-agent.service': ['OSError: [Errno 28] No space left on device'] } } }, []],
  ['the kernel killed the agent', { console: [OOM, failed('confirm', 'AGENT_EXITED', { result: 'oom-kill' })] }, ['B10']],
  ['the agent was killed for memory, by systemd', { guest: { units: [unit('guest-agent.service', { active: 'activating', result: 'oom-kill' })] } }, ['B10']],
  ['the agent was killed by a signal', { console: [failed('confirm', 'AGENT_EXITED', { status: 9 }, 'the Trove agent started and ended again: ended by signal 9: its journal is empty')] }, ['B10?']],
  ['the database was killed while the agent lives', { console: ['[ 80.1] Out of memory: Killed process 99 (mysqld)', done('ready')], broker: { queues: queues(0, 1) } }, ['B10']],
  ['something was killed once, and the agent lives', { console: [OOM, done('ready')], broker: { queues: queues(0, 1) } }, []],
]

for (const [title, given, ids] of CASES) t.test(title, async (t) => t.same(answers(boot, given), ids))

t.test('a name in a log that a shell would read more into is in no command', async (t) => {
  const line = "OSError: Unknown user or group: 'getpwnam(): name not found: '$(reboot)''"
  const answer = ask(boot.find(({ id }) => id === 'B2')!, { guest: { logs: { '/var/log/cloud-init.log': [line] } } })
  t.ok(answer && 'mend' in answer)
  t.notMatch(JSON.stringify(answer && 'mend' in answer ? answer.mend : ''), /reboot/)
})
