import { readFile } from 'node:fs/promises'
import type { Connection, ConnectionOptions } from 'mysql2/promise'
import { CannotSee } from '../collector.ts'
import type { Database, Row } from './database.ts'
import type { DatabaseUrl } from './database-url.ts'

type MysqlUrl = Extract<DatabaseUrl, { kind: 'mysql' }>

/** Milliseconds. */
const CONNECT = 2_000
const QUERY = 2_000

/** MySQL or MariaDB, in a session that may only read. @param signal cuts the connection @throws CannotSee */
export async function openMysql(url: MysqlUrl, signal: AbortSignal): Promise<Database> {
  const { createConnection } = await import('mysql2/promise') // a tenth of a second, and most people have no need of it
  const connection = await saying(url, async () => createConnection(await options(url)))
  const cut = (): void => connection.destroy()
  connection.on('error', cut) // a server that goes away later is said by the query that it answers no more
  signal.addEventListener('abort', cut, { once: true })
  if (signal.aborted) cut()
  const all = async (sql: string, parameters: readonly string[]): Promise<Row[]> => await saying(url, () => rows(connection, sql, parameters))
  await all('SET SESSION TRANSACTION READ ONLY', [])
  return {
    columns: async (table) =>
      new Set((await all('SELECT column_name AS name FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = ?', [table])).map(({ name }) => String(name))),
    row: async (sql, ...parameters) => (await all(`${sql} LIMIT 1`, parameters))[0],
    async [Symbol.asyncDispose]() {
      signal.removeEventListener('abort', cut)
      cut()
    },
  }
}

async function options({ host, port, user, password, database, socket, caFile }: MysqlUrl): Promise<ConnectionOptions> {
  return {
    ...(socket === undefined ? { host, port } : { socketPath: socket }),
    user,
    password: password.reveal(),
    database,
    ...(caFile === undefined ? {} : { ssl: { ca: await readFile(caFile, 'utf8') } }),
    connectTimeout: CONNECT,
    dateStrings: true,
    // Rows are read by a function that mysql2 would otherwise compile from the server's own column names.
    disableEval: true,
    // The server may not ask for files of this host.
    flags: ['-LOCAL_FILES'],
  }
}

async function rows(connection: Connection, sql: string, values: readonly string[]): Promise<Row[]> {
  const [answer] = await connection.query({ sql, values: [...values], timeout: QUERY })
  return Array.isArray(answer) ? (answer as Row[]) : []
}

async function saying<T>({ host, port, socket, user }: MysqlUrl, act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const reason = code === 'ECONNREFUSED' ? 'connection refused' : code === 'ETIMEDOUT' ? 'no answer' : message
    throw new CannotSee(`Trove's database at ${socket ?? `${host}:${port}`} as user ${JSON.stringify(user)}: ${reason}`, { cause: error })
  }
}
