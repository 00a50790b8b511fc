import t from 'tap'
import { agentStart } from '../../../diagnosis/causes/agent-start.ts'
import type { Cause, Found } from '../../../diagnosis/cause.ts'
import { answers, ask, failed, type Given, queues, unit } from '../evidence-of.ts'

const cause = (id: string): Cause => agentStart.find((one) => one.id === id)!
const exited = (last: string): Given => ({ console: [failed('confirm', 'AGENT_EXITED', { last })] })
const NOT_READY = "trove.common.exception.GuestError: An error occurred communicating with the guest: Device '/dev/vdb' is not ready."
const UNCLEAR = 'oslo_concurrency.processutils.ProcessExecutionError: Unexpected error while running command.'
const DOCKER = "docker.errors.DockerException: Error while fetching server API version: ('Connection aborted.', FileNotFoundError(2, 'ENOENT'))"

const cases: [title: string, given: Given, expected: string[]][] = [
  ['H1: no data volume', exited(NOT_READY), ['H1']],
  ['H1: the same after the agent has failed later', { console: [failed('ready', 'AGENT_FAILED', { last: NOT_READY })] }, ['H1']],
  ['H1: from the journal of an image with its own unit', { guest: { journals: { 'guest-agent.service': [`CRITICAL root [-] Unhandled error: ${NOT_READY}`] } } }, ['H1']],
  ['H2: not to be formatted', exited("trove.common.exception.GuestError: An error occurred communicating with the guest: Could not format '/dev/vdb'."), ['H2']],
  ['H2: not to be mounted', exited("Could not mount '/var/lib/mysql'."), ['H2']],
  ['H3: the uid is taken', exited('trove.common.exception.UnprocessableEntity: Failed to add user database, error: useradd: UID 1001 is not unique'), ['H3']],
  ['H4: sudo wants a password, although the line blames groupadd', exited('trove.common.exception.UnprocessableEntity: Failed to add group database, error: sudo: a password is required'), ['H4']],
  ['H4: sudo wants a password, although the line blames the volume', exited("Could not format '/dev/vdb'. Stderr: 'sudo: a password is required'"), ['H4']],
  ['H4: no sudo', exited("PermissionError: [Errno 13] Permission denied: 'sudo'"), ['H4']],
  ['H4: asked directly', { broker: { queues: queues(1, 0) }, guest: { agent_sudo: { ok: false, said: 'a password is needed' } } }, ['H4']],
  ['H5: the registry refuses the login', exited('trove.common.exception.GuestError: Failed to login the container registry, error: 401 Client Error: Unauthorized'), ['H5']],
  ['H6: no container engine', exited(DOCKER), ['H6']],
  ['one of four: a command failed, and the line does not say which', exited(UNCLEAR), ['H1?', 'H2?', 'H3?', 'H4?']],
  ['with the journal it is the one that it names', { ...exited(UNCLEAR), guest: { journals: { 'trovestrap-agent.service': [NOT_READY, UNCLEAR] } } }, ['H1']],
  ['an agent that is connected has overcome all of it', { broker: { queues: queues(0, 1) }, guest: { journals: { 'trovestrap-agent.service': [NOT_READY, DOCKER] } } }, []],
  ['a missing module is none of it', exited("ModuleNotFoundError: No module named 'docker'"), []],
]
for (const [title, given, expected] of cases) t.test(title, (t) => (t.same(answers(agentStart, given), expected), t.end()))

t.test('the device is set to the one disk that is there', (t) => {
  const found = ask(cause('H1'), { ...exited(NOT_READY), guest: { devices: ['/dev/sda', '/dev/sdb'], disks: [{ mount: '/', source: '/dev/sda1', size: 1, free: 1 }] } }) as Found
  t.same(found.mend.map(({ run }) => run), ['crudini --set /etc/trove/trove-guestagent.conf mysql device_path /dev/sdb', 'systemctl reload trovestrap-host'])
  t.end()
})

t.test('the database gets a uid that nobody in the guest has', (t) => {
  const found = ask(cause('H3'), { ...exited('Failed to add user database, error: useradd: UID 1001 is not unique'), guest: { accounts: [{ name: 'other', uid: 1001 }, { name: 'far', uid: 10001 }] } }) as Found
  t.match(found, { what: 'uid 1001 is taken in the image by other, and the database is to have it' })
  t.equal(found.mend[0]!.run, 'crudini --set /etc/trove/trove-guestagent.conf DEFAULT database_service_uid 10002')
  t.end()
})

t.test('a masked engine is unmasked', (t) => {
  const found = ask(cause('H6'), { ...exited(DOCKER), guest: { units: [unit('docker.service', { load: 'masked', active: 'inactive', enabled: 'masked' })] } })
  t.match(found, { what: /docker\.service is masked/, mend: [{ on: 'guest', run: 'sudo systemctl unmask docker.service docker.socket' }] })
  t.end()
})

t.test('the program that failed is named behind the exception, and told from a sudo that only warns', (t) => {
  const stderr = (said: string): Given => exited(`${UNCLEAR} Stderr: '${said}'`)
  t.same(answers(agentStart, stderr('blockdev: cannot open /dev/vdb: No such file or directory\\n')), ['H1'])
  t.same(answers(agentStart, stderr('sudo: unable to resolve host db-1: Name or service not known\\nblockdev: cannot open /dev/vdb: No such file or directory\\n')), ['H1'])
  t.same(answers(agentStart, stderr('mke2fs 1.47.0\\nmkfs.ext3: Device size reported to be zero.\\n')), ['H2'])
  t.same(answers(agentStart, stderr('sudo: a terminal is required to read the password\\nsudo: a password is required\\n')), ['H4'])
  t.end()
})
