import type { Secret } from '../../../contract/secret.ts'
import { parseDatabaseUrl } from './database-url.ts'
import type { Database } from './database.ts'
import { openMysql } from './open-mysql.ts'
import { openSqlite } from './open-sqlite.ts'

export interface NamedInstance {
  readonly instance: string
  readonly name: string
}

/** Trove's task of an instance that is being made (trove/instance/tasks.py: BUILDING 0x05). */
const BUILDING = '5'

/** Instances that are not deleted, whose id begins with a text or whose name it is; at most `most`. @throws CannotSee */
export async function findInstances(url: Secret, text: string, most: number, signal: AbortSignal): Promise<NamedInstance[]> {
  const beginning = /^[0-9a-f-]{1,36}$/i.test(text) ? text.toLowerCase() : '-' // an id never begins with it
  return await some(url, `(name = ? OR substr(id, 1, ${beginning.length}) = ?)`, [text, beginning], most, signal)
}

/** Instances that Trove is making; at most `most`. @throws CannotSee */
export async function buildingInstances(url: Secret, most: number, signal: AbortSignal): Promise<NamedInstance[]> {
  return await some(url, 'task_id = ?', [BUILDING], most, signal)
}

/** One by one in the order of their ids: a database has one way of asking here. */
async function some(url: Secret, condition: string, parameters: readonly string[], most: number, signal: AbortSignal): Promise<NamedInstance[]> {
  const where = parseDatabaseUrl(url)
  await using database: Database = where.kind === 'sqlite' ? openSqlite(where.path) : await openMysql(where, signal)
  const found: NamedInstance[] = []
  while (found.length < most && !signal.aborted) {
    const row = await database.row(`SELECT id, name FROM instances WHERE ${condition} AND deleted = 0 AND id > ? ORDER BY id`, ...parameters, found.at(-1)?.instance ?? '')
    if (row === undefined) break
    found.push({ instance: String(row['id']), name: String(row['name']) })
  }
  return found
}
