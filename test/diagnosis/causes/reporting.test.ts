import t from 'tap'
import { reporting } from '../../../diagnosis/causes/reporting.ts'
import { answers, done, type Given, INSTANCE, queues } from '../evidence-of.ts'

const NEW = { service: { id: 0x17, text: 'new' }, instance: { name: 'db-1' } }
const START_FILE = { path: '/opt/trove-guestagent/.guestagent.prepare.start', exists: true, changed: '2026-08-01T12:00:00Z' }
const PREPARED = { files: [START_FILE] }
const CONNECTED = { queues: queues(0, 1) }
const LOST: Given = { broker: CONNECTED, trove: NEW, guest: PREPARED }
const handling = (error: string) => `2026-08-01 12:04:00.000 7 ERROR oslo_messaging.rpc.server [-] Exception during message handling: ${error}`
const conductor = (verdict: string, id = INSTANCE) => `2026-08-01 12:04:00.000 7 INFO trove.conductor.manager [-] [Instance ${id}] Rec'd message is ${verdict}`
const OLDER = conductor('older than last seen. Discarding.')
const YOUNGER = conductor('younger than last seen. Updating.')
const STARTED = 'DEBUG trove.common.rpc.service [-] Creating RPC server for service trove-conductor start'
const JSON_ERROR = handling('json.decoder.JSONDecodeError: Expecting value: line 1 column 1 (char 0)')
const BUILDING = { service: { id: 9, text: 'building', updated: '2026-08-01T12:00:00Z' }, instance: {} }

const cases: [title: string, given: Given, expected: string[]][] = [
  ['J1: nobody consumes', { broker: { queues: { ...queues(0, 1), 'trove-conductor': { present: true, messages: 3, consumers: 0 } } } }, ['J1']],
  ['J1: it was never there', { broker: { queues: { ...queues(0, 1), 'trove-conductor': { present: false } } } }, ['J1']],
  ['no J1: its queue is not known', { broker: { queues: {} } }, []],
  ['no J1: the broker was not reached', { broker: { fault: { code: 'AMQP_REFUSED', message: '' } } }, []],
  ['no J1: a heartbeat was written a moment ago, whatever the queue is called', { broker: { queues: { 'trove-conductor': { present: false } } }, trove: { service: { text: 'healthy', updated: '2026-08-01T12:04:30Z' }, instance: {} } }, []],
  ['J2: it cannot read what comes', { ...LOST, conductor: [STARTED, JSON_ERROR] }, ['J2']],
  ['J2: nor with other bytes', { ...LOST, conductor: [handling("UnicodeDecodeError: 'utf-8' codec can't decode byte 0x9c")] }, ['J2']],
  ['J2: without a look into the guest', { broker: CONNECTED, trove: NEW, conductor: [JSON_ERROR] }, ['J2']],
  ['J2?: without the log of trove-conductor', LOST, ['J2?']],
  ['J2?: without the status', { broker: CONNECTED, conductor: [JSON_ERROR] }, ['J2?']],
  ['J2?, J3?: everything was looked at and nothing says a word', { ...LOST, conductor: [STARTED] }, ['J2?', 'J3?']],
  ['no J2: it was started anew since', { broker: CONNECTED, trove: BUILDING, conductor: [JSON_ERROR, STARTED] }, []],
  ['J3: it says that it does not know the version', { ...LOST, conductor: [handling('oslo_messaging.rpc.dispatcher.UnsupportedVersion: Endpoint does not support RPC version 1.9. Attempted method: heartbeat')] }, ['J2?', 'J3']],
  ['J4: heartbeats are discarded', { ...LOST, trove: BUILDING, conductor: [YOUNGER, OLDER, OLDER] }, ['J4']],
  ['J4: even for one that was healthy', { broker: CONNECTED, trove: { ...BUILDING, service: { id: 0x21, text: 'healthy', updated: '2026-08-01T12:00:00Z' } }, conductor: [YOUNGER, OLDER] }, ['J4']],
  ['no J4: a message that came twice', { broker: CONNECTED, trove: { ...BUILDING, service: { id: 0x21, text: 'healthy', updated: '2026-08-01T12:04:30Z' } }, conductor: [YOUNGER, OLDER] }, []],
  ['no J4: it has passed', { ...LOST, trove: BUILDING, conductor: [OLDER, OLDER, YOUNGER] }, []],
  ['no J4: another instance', { ...LOST, trove: BUILDING, conductor: [conductor('older than last seen. Discarding.', '00000000-0000-0000-0000-000000000000')] }, []],
  ["J4?: the guest's clock is behind, and the log was not read", { ...LOST, trove: BUILDING, guest: { ...PREPARED, clock_offset: -3600 } }, ['J4?']],
  ['J5: no row', { console: [done('ready')], broker: CONNECTED, trove: { from: 'database' } }, ['J5']],
  ['J5: deleted', { console: [done('ready')], trove: { instance: { deleted: true } } }, ['J5']],
  ['J5?: the API may only not show it', { console: [done('ready')], trove: { from: 'api' } }, ['J5?']],
  ['J5?: the log alone', { broker: CONNECTED, conductor: [handling('trove.common.exception.ModelNotFoundError: DBInstance Not Found')] }, ['J5?']],
  ['no J5: nothing shows that there ever was a guest', { trove: { from: 'database' } }, []],
  ['J6: the database refuses', { ...LOST, conductor: [STARTED, `DEBUG trove.conductor.manager [-] Instance ID: ${INSTANCE}, Payload: {'service_status': 'building'} heartbeat`, handling('oslo_db.exception.DBError: (sqlite3.OperationalError) attempt to write a readonly database')] }, ['J6', 'J2?']],
  ['J6?: the log alone', { broker: CONNECTED, conductor: [handling('sqlalchemy.exc.OperationalError: database is locked')] }, ['J6?']],
  ['no J6: it writes again', { broker: CONNECTED, conductor: [handling('sqlalchemy.exc.OperationalError: database is locked'), conductor('younger than last seen. Updating.', 'another')] }, []],
  ['nothing while prepare waits for the agent', { broker: { queues: queues(1, 0) }, trove: NEW, conductor: [STARTED] }, []],
  ['nothing in the moment in which the agent takes it', { broker: CONNECTED, trove: NEW, guest: { files: [{ ...START_FILE, changed: '2026-08-01T12:04:58Z' }] } }, []],
  ['nothing while it is being prepared', { broker: CONNECTED, trove: { service: { id: 9, text: 'building', updated: '2026-08-01T12:04:00Z' }, instance: {} }, guest: PREPARED, conductor: [STARTED, YOUNGER] }, []],
  ['nothing before prepare has come (N9)', { broker: CONNECTED, trove: NEW, guest: { files: [{ ...START_FILE, exists: false }] }, conductor: [STARTED] }, []],
]
for (const [title, given, expected] of cases) t.test(title, (t) => (t.same(answers(reporting, given), expected), t.end()))
