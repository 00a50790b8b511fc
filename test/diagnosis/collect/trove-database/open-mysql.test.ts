// MySQL's own protocol on a loopback port, spoken by mysql2's server half; Trove's rows stand in SQLite behind it.
import { createServer as listenOnly, type AddressInfo, type Server } from 'node:net'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { createServer, type Connection } from 'mysql2'
import t, { type Test } from 'tap'
import { Secret } from '../../../../contract/secret.ts'
import { troveDatabaseCollector } from '../../../../diagnosis/collect/trove-database.ts'
import { look } from '../context.ts'
import { SEEN, troveDatabase } from './trove-rows.ts'

t.test('MySQL is read as SQLite is, with nothing but SELECT in a session that may only read', async (t) => {
  const { url, asked } = await standIn(t)
  t.same((await look(troveDatabaseCollector(url))).seen, { ...SEEN })
  t.equal(asked[0], 'SET SESSION TRANSACTION READ ONLY')
  t.same(asked.slice(1).filter((sql) => !/^SELECT [^;]+ LIMIT 1$|^SELECT column_name AS name FROM information_schema/.test(sql)), [])
})

t.test('a refused login is said without the password', async (t) => {
  const { url } = await standIn(t, { refuse: true })
  const error = (await t.rejects(look(troveDatabaseCollector(url)), { name: 'CannotSee', message: /^Trove's database at 127\.0\.0\.1:\d+ as user "trove": Access denied/ })) as Error
  t.notMatch(error.message, /canary/)
})

t.test('nobody there, and somebody who never speaks, end in time', async (t) => {
  await t.rejects(look(troveDatabaseCollector(new Secret('mysql://u:p@127.0.0.1:1/trove'))), { message: /connection refused$/ })
  const silent = listenOnly(() => {}).listen(0, '127.0.0.1')
  t.teardown(() => silent.close())
  await new Promise((resolve) => silent.once('listening', resolve))
  await t.rejects(look(troveDatabaseCollector(new Secret(`mysql://u:p@127.0.0.1:${(silent.address() as AddressInfo).port}/trove`))), { message: /no answer$/ })
})

async function standIn(t: Test, { refuse = false } = {}): Promise<{ url: Secret; asked: string[] }> {
  const db = troveDatabase(join(t.testdir(), 'trove.sqlite'))
  const asked: string[] = []
  const server = createServer((connection: Connection) => {
    connection.on('error', () => {})
    connection.serverHandshake({
      protocolVersion: 10, serverVersion: '10.11.19-MariaDB', connectionId: 1, statusFlags: 2, characterSet: 45, capabilityFlags: 0xffffff,
      authCallback: (_: unknown, done: (error: null, refusal?: { message: string; code: number }) => void) => {
        done(null, refuse ? { message: "Access denied for user 'trove'@'127.0.0.1'", code: 1045 } : undefined)
        beginAnew(connection)
      },
    })
    const answering = (sql: string): void => {
      asked.push(sql)
      Object.assign(connection, { sequenceId: 1 })
      answer(connection, db, sql)
      beginAnew(connection)
    }
    connection.on('query', answering)
    connection.on('stmt_prepare', answering) // its word for SET
  })
  const socket = (server as unknown as { _server: Server })._server // its own listen() takes a port and no address
  await new Promise<void>((resolve) => socket.listen(0, '127.0.0.1', resolve))
  t.teardown(() => socket.close(() => db.close()))
  const { port } = socket.address() as AddressInfo
  return { url: new Secret(`mysql+pymysql://trove:canary@127.0.0.1:${port}/trove?charset=utf8`), asked }
}

/** The packets of a command are counted from 0; mysql2's server half counts on. */
function beginAnew(connection: Connection): void {
  setImmediate(() => Object.assign(connection, { sequenceId: 0 }))
}

function answer(connection: Connection, db: DatabaseSync, sql: string): void {
  if (sql.startsWith('SET ')) return connection.writeOk()
  const table = /information_schema.*table_name = '(\w+)'/.exec(sql)?.[1]
  const rows = (table === undefined ? db.prepare(sql).all() : db.prepare('SELECT name FROM pragma_table_info(?)').all(table)) as Record<string, unknown>[]
  const number = (value: unknown) => typeof value === 'number'
  const columns = Object.keys(rows[0] ?? { name: '' }).map((name) => ({
    catalog: 'def', schema: 'trove', table: 't', orgTable: 't', name, orgName: name, characterSet: 45, columnLength: 1024, columnType: number(rows[0]?.[name]) ? 3 : 253, flags: 0, decimals: 0,
  }))
  connection.writeTextResult(rows, columns)
}
