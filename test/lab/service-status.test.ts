import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import t from 'tap'
import { serviceStatus } from '../../lab/service-status.ts'

t.test('the conductor’s record of a guest is read with its time, which is UTC', async (t) => {
  const file = database(t)
  t.same(serviceStatus(file, 'a'), { status: 'healthy', statusId: 33, updatedAt: new Date('2026-11-22T16:47:58.814Z') })
  t.same(serviceStatus(file, 'b'), { status: 'new', statusId: 23, updatedAt: undefined })
})

t.test('an instance that Trove does not know is refused', async (t) => {
  const file = database(t)
  t.throws(() => serviceStatus(file, 'c'), { message: `service_statuses in ${file} has no row for instance c` })
})

function database(t: { testdir(): string }): string {
  const file = join(t.testdir(), 'trove.sqlite')
  using db = new DatabaseSync(file)
  db.exec('create table service_statuses (instance_id, status_id, status_description, updated_at)')
  const insert = db.prepare('insert into service_statuses values (?, ?, ?, ?)')
  insert.run('a', 33, 'healthy', '2026-11-22 16:47:58.814213')
  insert.run('b', 23, 'new', null)
  return file
}
