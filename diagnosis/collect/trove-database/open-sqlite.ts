import { existsSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { CannotSee } from '../collector.ts'
import type { Database, Row } from './database.ts'

/** Milliseconds that a writer may hold it. */
const BUSY = 1_000

/** @throws CannotSee */
export function openSqlite(path: string): Database {
  if (!existsSync(path)) throw new CannotSee(`Trove's database: there is no file ${path} here`)
  const db = saying(path, () => new DatabaseSync(path, { readOnly: true, timeout: BUSY, allowExtension: false }))
  const all = (sql: string, parameters: readonly string[]): Row[] => saying(path, () => db.prepare(sql).all(...parameters) as Row[])
  return {
    columns: async (table) => new Set(all('SELECT name FROM pragma_table_info(?)', [table]).map(({ name }) => String(name))),
    row: async (sql, ...parameters) => all(`${sql} LIMIT 1`, parameters)[0],
    [Symbol.asyncDispose]: async () => db.close(),
  }
}

function saying<T>(path: string, act: () => T): T {
  try {
    return act()
  } catch (error) {
    throw new CannotSee(`Trove's database ${path}: ${(error as Error).message}`, { cause: error })
  }
}
