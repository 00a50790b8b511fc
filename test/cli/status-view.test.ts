import t from 'tap'
import { detailText, listText } from '../../cli/status-view.ts'
import type { InstanceView } from '../../contract/operator-view.ts'
import type { Report } from '../../contract/report.ts'

const now = Date.parse('2026-01-01T12:05:00Z')
const revision = '3fa9c1e' + '0'.repeat(57)
const report = (changes: Partial<Report>): Report => ({
  boot: '00000000-0000-0000-0000-000000000001',
  run: '0badcafe',
  seq: 1,
  at: '2026-01-01T12:00:00Z',
  uptime: 40,
  stage: 'identify',
  state: 'done',
  attempt: 1,
  ...changes,
})
const refused = report({
  seq: 4,
  stage: 'reach-rabbitmq',
  state: 'failed',
  attempt: 6,
  next: 5,
  revision,
  fault: { code: 'AMQP_REFUSED', message: 'connection refused: 10.0.2.2:5672', details: { host: '10.0.2.2', port: 5672 } },
})
const view = (changes: Partial<InstanceView>): InstanceView => ({
  instance: '5b2d1f3e-0000-4000-8000-000000000001',
  name: 'db-1',
  enrolled: '2026-01-01T12:00:00Z',
  credential_expires: '2026-01-31T12:00:00Z',
  last_seen: '2026-01-01T12:04:58Z',
  address: '10.0.2.15',
  since: '2026-01-01T12:04:19Z',
  ...changes,
})

t.test('the list shows a guest a line, and why it waits', async (t) => {
  const ready = view({ instance: '77aa0c21-0000-4000-8000-000000000002', name: 'db-2', latest: report({ stage: 'ready', revision }), since: '2026-01-01T12:02:00Z' })
  t.equal(
    listText({ instances: [view({ latest: refused }), ready], waiting: [], refused: [] }, now),
    [
      'INSTANCE  NAME  STAGE           SINCE  SOURCE   LAST SEEN  NOTE',
      '5b2d1f3e  db-1  reach-rabbitmq  41 s   3fa9c1e  2 s        connection refused: 10.0.2.2:5672',
      '77aa0c21  db-2  ready           3 min  3fa9c1e  -',
      '',
    ].join('\n'),
  )
})

t.test('a guest that was turned away shows though it never enrolled', async (t) => {
  const text = listText({ instances: [], waiting: [], refused: [{ at: '2026-01-01T12:04:00Z', address: '10.0.2.15', code: 'TOKEN_REFUSED' }] }, now)
  t.equal(text, 'No guest has enrolled yet.\n\nRefused lately:\nWHEN      ADDRESS    INSTANCE  CODE\n60 s ago  10.0.2.15  -         TOKEN_REFUSED\n')
})

t.test("a guest's host keys are shown as ssh-keygen shows them", async (t) => {
  const text = detailText({ ...view({ host_keys: ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGVf0Qq1p0rPTwE5p3QyN2m1JrN0o0u8g2oW6cYH6q2K'] }), reports: [] }, now)
  t.match(text, /^ {2}host key SHA256:[A-Za-z0-9+/]{43} \(ssh-ed25519\)$/m)
})

t.test('one instance is shown stage by stage, from the last run alone', async (t) => {
  const before = report({ run: '00000001', stage: 'fetch', state: 'failed' })
  const reports = [before, report({ note: 'guest_id from config drive', took: 0.1 }), report({ seq: 3, stage: 'network', state: 'begun' }), refused]
  const text = detailText({ ...view({ latest: refused }), reports: reports.map((report) => ({ received: report.at, report })) }, now)
  t.equal(
    text,
    [
      '5b2d1f3e-0000-4000-8000-000000000001 (db-1) at 10.0.2.15, last seen 2 s ago, credential until 2026-01-31T12:00:00Z',
      '  ✔ identify               guest_id from config drive                     0.1 s',
      '  ⠼ network',
      '  · enrol',
      '  · fetch',
      '  · configure',
      '  · install-requirements',
      '  ✘ reach-rabbitmq         connection refused: 10.0.2.2:5672 (attempt 6)',
      '  · start-agent',
      '  · confirm',
      '  AMQP_REFUSED: host 10.0.2.2 · port 5672',
      '  it tries again every 5 s, by itself',
      '  trovestrap diagnose 5b2d1f3e      says why, and what to type',
      '',
    ].join('\n'),
  )
})

const failed = report({
  run: '00000002',
  stage: 'ready',
  state: 'failed',
  attempt: 4,
  revision,
  fault: {
    code: 'AGENT_FAILED',
    message: 'the Trove agent was heard, and has ended since: ended with status 1: RuntimeError: x',
    details: { unit: 'trovestrap-agent.service', status: 1, restarts: 4, last: 'RuntimeError: x', lines: 'INFO starting\nRuntimeError: x\u001b[31m' },
  },
})

t.test('an agent that ended after it was heard shows as that in the list', async (t) => {
  t.equal(
    listText({ instances: [view({ latest: failed, since: '2026-01-01T12:02:00Z' })], waiting: [], refused: [] }, now).split('\n')[1],
    '5b2d1f3e  db-1  agent failed  3 min  3fa9c1e  2 s        the Trove agent was heard, and has ended since: ended with status 1: RuntimeError: x',
  )
})

t.test('in full it shows below the bring-up, with its last lines, which do not speak to the terminal', async (t) => {
  const reports = [report({ note: 'guest_id from config drive', took: 0.1 }), report({ seq: 2, stage: 'ready' }), failed]
  const text = detailText({ ...view({ latest: failed, since: '2026-01-01T12:02:00Z' }), reports: reports.map((report) => ({ received: report.at, report })) }, now)
  t.match(text, '\n  ✔ identify               guest_id from config drive                     0.1 s\n')
  t.match(
    text,
    [
      '  AGENT_FAILED: unit trovestrap-agent.service · status 1 · restarts 4 · last RuntimeError: x',
      '  failed 3 min ago, 4 times since it was heard; systemd starts it again, by itself',
      '  its last lines:',
      '    INFO starting',
      '    RuntimeError: x\\u{1b}[31m',
      '',
    ].join('\n'),
  )
  t.notMatch(text, /ready since/)
})
