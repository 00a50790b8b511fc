import t from 'tap'
import { CloudError } from '../../../openstack/cloud-error.ts'
import { consoleReports } from '../../../instances/follow/console-reports.ts'
import { follow, type Following } from '../../../instances/follow/follow.ts'
import { moved, standingOf, type Sight } from '../../../instances/follow/sight.ts'

const sight = (status: string, operating = '', more: Partial<Sight> = {}): Sight => ({ trove: { status, operating }, addresses: [], reports: [], ...more })
const BUILD = sight('BUILD')

/** Follows what is seen one after the other, the last of it for ever. */
function seen(sights: readonly (Sight | CloudError)[], more: Partial<Following> = {}) {
  let at = 0
  const shown: string[] = []
  const signal = new AbortController()
  return {
    shown,
    signal,
    end: follow({
      ...{ period: 1, still: 60_000, until: Date.now() + 60_000, signal: signal.signal },
      async look() {
        const next = sights[Math.min(at++, sights.length - 1)]!
        if (next instanceof CloudError) throw next
        return next
      },
      onSight: ({ trove }) => void shown.push(trove?.status ?? 'gone'),
      onSilence: () => void shown.push('silence'),
      onStill: async () => false,
      ...more,
    }),
  }
}

t.test('Trove is done when it says so of server and database', async (t) => {
  const table: [Sight, string][] = [
    [BUILD, 'under way'],
    [sight('ACTIVE'), 'under way'],
    [sight('ACTIVE', 'BUILDING'), 'under way'],
    [sight('ACTIVE', 'HEALTHY'), 'ready'],
    [sight('ACTIVE', 'ACTIVE'), 'ready'],
    [sight('ERROR'), 'failed'],
    [sight('ACTIVE', 'FAILED'), 'failed'],
    [{ addresses: [], reports: [] }, 'gone'],
  ]
  for (const [one, standing] of table) t.equal(standingOf(one), standing, JSON.stringify(one.trove))
})

t.test('it is watched until it is ready, broken or gone; a Trove that is silent now and then is waited for', async (t) => {
  const ready = seen([BUILD, new CloudError('Trove gives no answer in time', { silent: true }), BUILD, sight('ACTIVE', 'HEALTHY')])
  t.match(await ready.end, { end: 'ready' })
  t.same(ready.shown, ['BUILD', 'silence', 'BUILD', 'ACTIVE'])
  t.match(await seen([BUILD, sight('ERROR')]).end, { end: 'failed' })
  t.match(await seen([BUILD, { addresses: [], reports: [] }]).end, { end: 'gone' })
})

t.test('what does not move for a while is looked into, and left when there is no point in waiting on', async (t) => {
  let asked = 0
  const stuck = seen([BUILD], { still: 5, onStill: async () => ++asked === 2 })
  t.match(await stuck.end, { end: 'stuck', sight: BUILD })
  t.equal(asked, 2)
})

t.test('who waits gives up at his time, or when he is told to', async (t) => {
  t.match(await seen([BUILD], { until: Date.now() }).end, { end: 'late' })
  const interrupted = seen([BUILD])
  interrupted.signal.abort()
  t.match(await interrupted.end, { end: 'interrupted' })
})

t.test('a guest that tries the same thing again has not moved', async (t) => {
  const failing = (attempt: number, code = 'AMQP_REFUSED'): Sight => sight('BUILD', '', { reports: [{ stage: 'reach-rabbitmq', state: 'failed', attempt, fault: { code, message: '', details: {} } }] })
  t.equal(moved(failing(3)), moved(failing(4)))
  t.not(moved(failing(3)), moved(failing(3, 'AMQP_LOGIN_REFUSED')))
  t.not(moved(sight('BUILD', '', { server: { id: 's', status: 'BUILD', task: 'spawning' } })), moved(sight('BUILD', '', { server: { id: 's', status: 'ACTIVE' } })))
})

t.test("the stages stand on the serial console as in host-server's record, runs apart", async (t) => {
  const output = [
    '[    0.000000] Linux version 6.1.0',
    'trovestrap[412]: stage=identify state=begun',
    'trovestrap[412]: stage=identify state=done took=0.1s note="guest_id from config drive"',
    'trovestrap[412]: stage=reach-rabbitmq state=failed code=AMQP_REFUSED host=10.0.2.2 port=5672 attempt=6 next=30s message="connection refused: 10.0.2.2:5672"',
    'trovestrap[9]: stage=identify state=begun',
  ].join('\r\n')
  t.match(consoleReports(output), [
    { stage: 'identify', state: 'begun', run: '1', attempt: 1 },
    { stage: 'identify', state: 'done', run: '1', took: 0.1, note: 'guest_id from config drive' },
    { stage: 'reach-rabbitmq', state: 'failed', run: '1', attempt: 6, fault: { code: 'AMQP_REFUSED', message: 'connection refused: 10.0.2.2:5672' } },
    { stage: 'identify', state: 'begun', run: '2' },
  ])
  t.same(consoleReports('login: \n'), [])
})
