/** Of SQLite: https://www.sqlite.org/rescode.html. Its memory-mapped index says that it could not grow with a code of its own. */
const SQLITE_FULL = 13
const SQLITE_READONLY = 8
const SQLITE_IOERR_SHMSIZE = 4874

/**
 * Where the state folder takes nothing more, that in words; of an error of the file system or of SQLite.
 * @returns undefined where the error is another
 */
export function diskTrouble(error: unknown): string | undefined {
  const { code, errcode = 0 } = error as { code?: unknown; errcode?: number }
  if (code === 'ENOSPC' || code === 'EDQUOT' || errcode === SQLITE_IOERR_SHMSIZE || (errcode & 0xff) === SQLITE_FULL) return 'is full; free some space there'
  if (code === 'EROFS' || (errcode & 0xff) === SQLITE_READONLY) return 'is read-only; mount it for writing'
  return undefined
}
