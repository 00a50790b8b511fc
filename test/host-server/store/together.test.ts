import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import t, { type Test } from 'tap'
import { together } from '../../../host-server/store/together.ts'
import { transaction } from '../../../host-server/store/transaction.ts'

interface Shared {
  readonly database: DatabaseSync
  /** What is on disk, for another process. */
  seen(): string[]
  put(name: string): string
}

function fresh(t: Test): Shared {
  const file = join(t.testdir(), 'test.sqlite')
  const database = new DatabaseSync(file, { enableForeignKeyConstraints: true })
  database.exec('PRAGMA journal_mode = WAL; CREATE TABLE names (name TEXT PRIMARY KEY); CREATE TABLE uses (name TEXT REFERENCES names DEFERRABLE INITIALLY DEFERRED)')
  const other = new DatabaseSync(file)
  t.teardown(() => [database, other].forEach((one) => one.close()))
  const insert = database.prepare('INSERT INTO names VALUES (?)')
  return {
    database,
    seen: () => other.prepare('SELECT name FROM names ORDER BY name').all().map(({ name }) => name as string),
    put: (name) => {
      insert.run(name)
      return name
    },
  }
}

t.test('what is asked for at once is one write, and each hears when it is on disk', async (t) => {
  const { database, put, seen } = fresh(t)
  const commit = together(database)
  const first = commit(() => put('a'))
  const second = commit(() => [put('b'), seen()])
  t.same(seen(), [])
  t.same(await second, ['b', []], 'the first was not on disk before the second was done')
  t.equal(await first, 'a')
  t.same(seen(), ['a', 'b'])
  t.equal(await commit(() => put('c')), 'c', 'and so on with those who come later')
})

t.test('one that fails is undone alone, with the transactions in it', async (t) => {
  const { database, put, seen } = fresh(t)
  const commit = together(database)
  const broken = commit(() => {
    transaction(database, () => put('x'))
    throw new Error('no')
  })
  const [a, , b] = await Promise.allSettled([commit(() => put('a')), broken, commit(() => transaction(database, () => put('b')))])
  t.match([a, b], [{ value: 'a' }, { value: 'b' }])
  await t.rejects(broken, { message: 'no' })
  t.same(seen(), ['a', 'b'])
})

t.test('a write that fails fails for all, and the next begins anew', async (t) => {
  const { database, put, seen } = fresh(t)
  const commit = together(database)
  const asked = [commit(() => put('a')), commit(() => database.exec("INSERT INTO uses VALUES ('nobody')")), commit(() => put('b'))]
  t.match(await Promise.allSettled(asked), [0, 1, 2].map(() => ({ status: 'rejected', reason: /FOREIGN KEY/ })))
  t.same(seen(), [])
  await commit(() => put('c'))
  t.same(seen(), ['c'])
})

t.test('a transaction that has ended by itself, as on a full disk, fails for all', async (t) => {
  const { database, put, seen } = fresh(t)
  const commit = together(database)
  const full = (): never => {
    database.exec('ROLLBACK')
    throw new Error('database or disk is full')
  }
  const asked = [commit(() => put('a')), commit(full), commit(() => put('b'))]
  t.match(await Promise.allSettled(asked), [0, 1, 2].map(() => ({ status: 'rejected', reason: /full/ })))
  t.same(seen(), [])
})
