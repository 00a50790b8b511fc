import { join } from 'node:path'
import t from 'tap'
import { troveLogsCollector } from '../../../diagnosis/collect/trove-logs.ts'
import { INSTANCE, look, OTHER } from './context.ts'

const CONDUCTOR = [
  `INFO trove.conductor.manager [-] Instance ID: ${INSTANCE}, Payload: {'service_status': 'building'}`,
  `INFO trove.conductor.manager [-] Instance ID: ${OTHER}, Payload: {'service_status': 'healthy'}`,
  "INFO trove.conductor.manager [-] [Instance x] Rec'd message is older than last seen. Discarding.",
  'DEBUG oslo_service.periodic_task [-] Running periodic task',
  'ERROR oslo.messaging._drivers.impl_rabbit [-] Connection failed: [Errno 111] ECONNREFUSED',
]

t.test('of both logs the lines of this instance and those of trouble are kept', async (t) => {
  const dir = t.testdir({ 'conductor.log': CONDUCTOR.join('\n'), 'taskmanager.log': `WARNING trove [-] Userdata is not a valid cloudinit config\nDEBUG all is well\n` })
  const options = { conductor: { path: join(dir, 'conductor.log') }, taskmanager: { path: join(dir, 'taskmanager.log') } }
  const { seen, partly } = await look(troveLogsCollector(options))
  t.same(seen, [
    { name: 'trove-conductor', path: join(dir, 'conductor.log'), lines: [CONDUCTOR[0], CONDUCTOR[2], CONDUCTOR[4]] },
    { name: 'trove-taskmanager', path: join(dir, 'taskmanager.log'), lines: ['WARNING trove [-] Userdata is not a valid cloudinit config'] },
  ])
  t.same(partly, [])
})

t.test('one log is seen without the other, and that is said', async (t) => {
  const dir = t.testdir({ 'conductor.log': 'DEBUG all is well\n' })
  const options = { conductor: { paths: [join(dir, '*.log')], units: [] }, taskmanager: { paths: [join(dir, 'absent.log')], units: [] } }
  const { seen, partly } = await look(troveLogsCollector(options))
  t.same(seen, [{ name: 'trove-conductor', path: join(dir, 'conductor.log'), lines: [] }])
  t.same(partly, [`trove-taskmanager: there is no ${join(dir, 'absent.log')}`])
})

t.test('both missing is a failure that names both', async (t) => {
  const nowhere = { paths: ['/no/such.log'], units: [] }
  await t.rejects(look(troveLogsCollector({ conductor: nowhere, taskmanager: nowhere })), {
    name: 'CannotSee',
    message: 'trove-conductor: there is no /no/such.log; trove-taskmanager: there is no /no/such.log',
  })
})
