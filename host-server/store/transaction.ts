import type { DatabaseSync } from 'node:sqlite'

/**
 * All or nothing. Takes the write lock at once, so that what was read cannot change before the write. Within another it is a part of that:
 * undone alone, kept with the whole.
 */
export function transaction<T>(database: DatabaseSync, work: () => T): T {
  const { begin, keep, undo } = database.isTransaction ? PART : WHOLE
  database.exec(begin)
  try {
    const result = work()
    database.exec(keep)
    return result
  } catch (error) {
    // A disk that is full ends the whole by itself.
    if (database.isTransaction) database.exec(undo)
    throw error
  }
}

const WHOLE = { begin: 'BEGIN IMMEDIATE', keep: 'COMMIT', undo: 'ROLLBACK' }
const PART = { begin: 'SAVEPOINT part', keep: 'RELEASE part', undo: 'ROLLBACK TO part; RELEASE part' }
