import t from 'tap'
import { prepare } from '../../../diagnosis/causes/prepare.ts'
import { answers, failed, type Given, queues } from '../evidence-of.ts'

const BEGAN = "INFO trove.guestagent.datastore.manager [-] Starting datastore prepare for 'mysql:5.7.29'."
const agent = (...lines: string[]): Given => ({ broker: { queues: queues(0, 1) }, guest: { journals: { 'trovestrap-agent.service': [BEGAN, ...lines] } } })
const fault = (details?: string): Given => ({ trove: { service: { id: 8, text: 'failed to spawn' }, fault: { message: 'Failed to start mysql', ...(details === undefined ? {} : { details }) } } })
const QUIET: Given = { broker: { queues: queues(0, 1) }, trove: { service: { id: 0x17, text: 'new' } } }
const AWAY = 'docker.errors.APIError: 500 Server Error: Internal Server Error ("Get "https://registry.example/v2/": dial tcp: lookup registry.example: no such host")'
const START = 'trove.common.exception.TroveError: Failed to start mysql'

const cases: [title: string, given: Given, expected: string[]][] = [
  ['I1: no way to the registry', agent(AWAY, START), ['I1']],
  ['I1: by the traceback in instance_faults, without a look into the guest', fault(`Traceback (most recent call last):\n${AWAY}\nDuring handling of the above exception, another exception occurred:\n${START}`), ['I1']],
  ['no I1: the same words of a login that ended the agent (H5)', { guest: { journals: { 'trovestrap-agent.service': [`Failed to login the container registry, error: ${AWAY}`] } }, broker: { queues: queues(1, 0) } }, []],
  ['no I1: a login that failed before the agent got further', agent(`Failed to login the container registry, error: ${AWAY}`), []],
  ['I2: too many pulls', agent('toomanyrequests: You have reached your pull rate limit'), ['I2']],
  ['I3: no such tag', agent('docker.errors.NotFound: 404 Client Error: Not Found ("manifest for mysql:9.9 not found: manifest unknown: manifest unknown")', START), ['I3']],
  ['I4: a registry without TLS', agent('500 Server Error ("Get "https://10.0.2.2:4000/v2/": http: server gave HTTP response to HTTPS client")', START), ['I4']],
  ['I5: the database does not become healthy', agent('ERROR Timeout while waiting for database status to change.Expected state healthy, current state is shutdown', START), ['I5']],
  ['I5: by a traceback without any error of docker', fault(`Traceback (most recent call last):\n  File "service.py", line 640\n${START}`), ['I5']],
  ['I6: the network of docker', agent("requests.exceptions.ReadTimeout: UnixHTTPConnectionPool: Read timed out: /v1.41/networks/create"), ['I6']],
  ['one of five: Trove knows only that it failed', fault(), ['I1?', 'I2?', 'I3?', 'I4?', 'I5?']],
  ['I7: the agent does not know the call', { ...QUIET, guest: { journals: { 'trovestrap-agent.service': ['ERROR oslo_messaging.rpc.server [-] Exception during message handling: oslo_messaging.rpc.dispatcher.UnsupportedVersion: Endpoint does not support RPC version 1.9. Attempted method: prepare'] } } }, ['I7']],
  ["no I7: the taskmanager's own line is another matter (N9)", { taskmanager: ['Endpoint does not support RPC version 1.1. Attempted method: prepare'] }, []],
  ['I8: the agent cannot read the call', { ...QUIET, guest: { journals: { 'trovestrap-agent.service': ["ERROR oslo_messaging.rpc.server [-] Exception during message handling: AttributeError: 'TroveContext' object has no attribute 'notification'"] } } }, ['I8']],
  ['I8: host-server refuses a configuration that encrypts on one side alone', { machine: { guest_config: { findings: [{ level: 'error', option: 'enable_secure_rpc_messaging', message: 'expected true as in trove.conf, got false: one side encrypts', mend: 'as it says' }] } } }, ['I8']],
  ['I7 or I8: a connected agent of which Trove hears nothing, and nobody has looked into the guest', QUIET, ['I7?', 'I8?']],
  ['neither, with a look into the guest', { ...QUIET, guest: {} }, []],
  ['nothing while prepare waits for the agent', { broker: { queues: queues(1, 0) }, trove: { service: { id: 0x17, text: 'new' } } }, []],
  ['nothing while it is being prepared', { ...agent('Creating docker container, image: mysql:5.7.29'), trove: { service: { id: 9, text: 'building' } } }, []],
  ['nothing for a daemon that still fails', { console: [failed('reach-rabbitmq', 'AMQP_REFUSED')] }, []],
  ['nothing for an instance that became healthy after a try', { ...agent(AWAY), trove: { service: { id: 0x21, text: 'healthy' } } }, []],
]
for (const [title, given, expected] of cases) t.test(title, (t) => (t.same(answers(prepare, given), expected), t.end()))
