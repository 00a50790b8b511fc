import { closeSync, openSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { diskTrouble } from '../disk-trouble.ts'
import { explainAccess } from '../settings/explain-access.ts'
import { SetupError } from '../setup-error.ts'
import { approvals } from './approvals.ts'
import { audit } from './audit.ts'
import { instances } from './instances.ts'
import { migrate } from './migrations.ts'
import { refusals } from './refusals.ts'
import { reports } from './reports.ts'
import type { Store } from './store.ts'
import { together } from './together.ts'
import { tokens } from './tokens.ts'

const BUSY_MS = 5000

/**
 * Opens the database, makes it where it is missing (0600) and brings its schema up to date. Several processes may have it open.
 * WAL with synchronous=FULL: what a method has returned from survives kill -9 and a power cut.
 * @param by whose doing it is, in the audit log
 * @throws SetupError when the file is no database, from a newer version, or cannot be written
 */
export function openStore(file: string, by = 'host-server'): Store {
  makeFile(file)
  const database = new DatabaseSync(file, { timeout: BUSY_MS, enableForeignKeyConstraints: true })
  try {
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -1024;')
    migrate(database)
  } catch (error) {
    database.close()
    if (error instanceof SetupError) throw new SetupError(`${file}: ${error.message}`, { cause: error })
    const trouble = diskTrouble(error)
    throw new SetupError(trouble === undefined ? `${file} cannot be used as a database: ${(error as Error).message}` : `the disk of ${file} ${trouble}`, { cause: error })
  }
  const log = audit(database)
  return {
    tokens: tokens(database, log, by),
    instances: instances(database, log, by),
    approvals: approvals(database, log, by),
    audit: log,
    reports: reports(database),
    refusals: refusals(database),
    together: together(database),
    close: () => database.close(),
  }
}

/** SQLite gives -wal and -shm the mode of the database, so this decides for all three. */
function makeFile(file: string): void {
  try {
    closeSync(openSync(file, 'a', 0o600))
  } catch (error) {
    const trouble = diskTrouble(error)
    throw new SetupError(trouble === undefined ? explainAccess(file, error).replace('readable', 'writable') : `the disk of ${file} ${trouble}`, { cause: error })
  }
}
