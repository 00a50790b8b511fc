import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { Secret } from '../../../contract/secret.ts'
import { troveDatabaseCollector } from '../../../diagnosis/collect/trove-database.ts'
import { INSTANCE, look } from './context.ts'
import { KEY, SEEN, troveDatabase } from './trove-database/trove-rows.ts'

const seen = (path: string) => look(troveDatabaseCollector(new Secret(`sqlite:///${path}`)))

t.test('the rows of an instance are read from Trove’s own tables', async (t) => {
  const path = join(t.testdir(), 'trove.sqlite')
  troveDatabase(path).close()
  const before = readFileSync(path)
  const { seen: found, partly } = await seen(path)
  t.same(found, SEEN)
  t.same(partly, [])
  t.notMatch(JSON.stringify(found), KEY)
  t.same(readFileSync(path), before, 'and not a byte is changed')
})

t.test('no row is evidence of its own', async (t) => {
  const path = join(t.testdir(), 'trove.sqlite')
  const db = troveDatabase(path)
  db.exec('DELETE FROM instances')
  db.close()
  t.same((await seen(path)).seen, { from: 'database' })
})

t.test('an instance that has just been asked for', async (t) => {
  const path = join(t.testdir(), 'trove.sqlite')
  const db = troveDatabase(path)
  db.exec(`
    UPDATE instances SET compute_instance_id = NULL, encrypted_key = NULL, deleted = 1;
    DELETE FROM service_statuses WHERE id <> 's1';
    DELETE FROM instance_faults`)
  db.close()
  const { compute_instance_id: _, ...instance } = SEEN.instance
  t.same((await seen(path)).seen, { from: 'database', instance: { ...instance, has_rpc_key: false, deleted: true }, service: { id: 0x17, text: 'new' } })
})

t.test('another release’s tables are read as far as they go', async (t) => {
  const path = join(t.testdir(), 'trove.sqlite')
  const db = troveDatabase(path)
  db.exec(`
    DROP TABLE instance_faults; DROP TABLE datastores;
    ALTER TABLE instances DROP COLUMN encrypted_key;
    ALTER TABLE service_statuses DROP COLUMN updated_at;
    DELETE FROM service_statuses WHERE id <> 's2'`)
  db.close()
  const { has_rpc_key: _, ...instance } = SEEN.instance
  t.same((await seen(path)).seen, { from: 'database', instance, service: { id: 0x18, text: 'guestagent error' } })
})

t.test('of a traceback the end is kept, which decides', async (t) => {
  const path = join(t.testdir(), 'trove.sqlite')
  const db = troveDatabase(path)
  db.prepare("UPDATE instance_faults SET details = ? WHERE id = 'f1'").run(`${'x'.repeat(60_000)} the last line`)
  db.close()
  const { details } = (await seen(path)).seen.fault!
  t.match(details, /^x+ the last line$/)
  t.equal(details!.length, 2000)
})

t.test('a writer that holds the database is waited for, and then said', async (t) => {
  const path = join(t.testdir(), 'trove.sqlite')
  using db = troveDatabase(path)
  db.exec('BEGIN EXCLUSIVE')
  await t.rejects(seen(path), { name: 'CannotSee', message: `Trove's database ${path}: database is locked` })
})

t.test('what is no database, not Trove’s, or not there is said', async (t) => {
  const dir = t.testdir()
  writeFileSync(join(dir, 'text'), 'this is a text\n'.repeat(200))
  using other = troveDatabase(join(dir, 'other'))
  other.exec('DROP TABLE instances')
  for (const [name, message] of [
    ['text', `Trove's database ${join(dir, 'text')}: file is not a database`],
    ['other', "this is not Trove's database: it has no table `instances`"],
    ['absent', `Trove's database: there is no file ${join(dir, 'absent')} here`],
  ] as const) {
    await t.rejects(seen(join(dir, name)), { name: 'CannotSee', message })
  }
})

t.test('an id is never part of the SQL', async (t) => {
  const path = join(t.testdir(), 'trove.sqlite')
  troveDatabase(path).close()
  const collector = troveDatabaseCollector(new Secret(`sqlite:///${path}`))
  const context = { signal: AbortSignal.timeout(3000), seenBy: async () => undefined, partly: () => {} }
  t.same(await collector.collect({ instance: `' OR id = '${INSTANCE}` }, context), { from: 'database' })
})
