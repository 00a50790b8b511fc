import { Fault } from '../contract/fault.ts'

/** Every thrown value as a Fault: what a full or read-only disk says in any stage has its own code, the rest is UNEXPECTED. */
export function faultOf(error: unknown): Fault {
  if (error instanceof Fault) return error
  const { code, path } = error as NodeJS.ErrnoException
  const where = typeof path === 'string' ? { path } : {}
  const named = typeof path === 'string' ? `${path}: ` : ''
  if (code === 'ENOSPC' || code === 'EDQUOT') return new Fault('DISK_FULL', where, `${named}free some space`, { cause: error })
  if (code === 'EROFS') return new Fault('DISK_READ_ONLY', where, `${named}look at the kernel log for why, then: mount -o remount,rw /`, { cause: error })
  return new Fault('UNEXPECTED', {}, error instanceof Error ? error.message : String(error), { cause: error })
}
