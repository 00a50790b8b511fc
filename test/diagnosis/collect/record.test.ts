import t from 'tap'
import type { InstanceList, InstanceView } from '../../../contract/operator-view.ts'
import { recordCollector, type OperatorApi } from '../../../diagnosis/collect/record.ts'
import { reportOf } from '../../host-server/store/report-of.ts'
import { INSTANCE, look, OTHER } from './context.ts'

const REFUSED = { at: '2026-11-25T10:00:00.000Z', address: '10.0.2.15', code: 'TOKEN_REFUSED' }
const ONE = viewOf(INSTANCE, 'db-1', '10.0.2.15')

t.test('an enrolled instance comes with its newest reports, what it was served, and who could be taken for it', async (t) => {
  const reports = Array.from({ length: 400 }, (_, at) => ({ received: '2026-11-25T10:00:00.000Z', report: reportOf(at + 1) }))
  const served = [{ what: 'config', at: '2026-11-25T10:00:00.000Z', status: 200 }]
  const sameAddress = viewOf(OTHER, 'db-2', '10.0.2.15')
  const sameName = viewOf('99aa0c21-2222-4222-8222-222222222222', 'db-1', '10.0.2.99')
  const stranger = viewOf('88aa0c21-2222-4222-8222-222222222222', 'db-3', '10.0.2.98')
  const { seen, partly } = await look(
    recordCollector(apiOf({ instances: [ONE, sameAddress, sameName, stranger], waiting: [], refused: [REFUSED] }, { instance: async () => ({ ...ONE, reports, served }) })),
  )
  t.same(seen, {
    view: ONE,
    reports: reports.slice(100),
    refused: [REFUSED],
    served,
    health: { status: 'stale', revision: 'abc', stale: ['source'] },
    neighbours: [sameAddress, sameName],
  })
  t.same(partly, [])
})

t.test('an instance that is not enrolled is something seen', async (t) => {
  const sameName = viewOf(OTHER, 'db-1', '10.0.2.15')
  const { seen, partly } = await look(recordCollector(apiOf({ instances: [sameName], waiting: [], refused: [REFUSED] })), 'db-1')
  t.same(seen, { reports: [], refused: [REFUSED], health: { status: 'stale', revision: 'abc', stale: ['source'] }, neighbours: [sameName] })
  t.same(partly, [])
})

t.test('a host-server that does not answer is said in one line', async (t) => {
  const api = apiOf({ instances: [], waiting: [], refused: [] }, { instances: () => Promise.reject(new Error('host-server does not answer at https://h:1: connection refused\n  trovestrap serve       starts it')) })
  await t.rejects(look(recordCollector(api)), { name: 'CannotSee', message: 'host-server does not answer at https://h:1: connection refused' })
})

t.test('what only a part of the questions told is kept', async (t) => {
  const failing = { instance: () => Promise.reject(new Error('host-server answered 404: no such instance')), health: () => Promise.reject(new Error('no health')) }
  const { seen, partly } = await look(recordCollector(apiOf({ instances: [ONE], waiting: [], refused: [] }, failing)))
  t.same(seen, { view: ONE, reports: [], refused: [], neighbours: [] })
  t.same(partly, ['no health', 'its reports: host-server answered 404: no such instance'])
})

function apiOf(list: InstanceList, changed: Partial<OperatorApi> = {}): OperatorApi {
  return {
    health: async () => ({ status: 'stale', revision: 'abc', stale: ['source'] }),
    instances: async () => list,
    instance: async () => ({ ...ONE, reports: [] }),
    ...changed,
  }
}

function viewOf(instance: string, name: string, address: string): InstanceView {
  return { instance, name, address, enrolled: '2026-11-25T09:00:00.000Z', credential_expires: '2026-12-25T09:00:00.000Z', last_seen: '2026-11-25T10:00:00.000Z' }
}
