import { userInfo } from 'node:os'
import { getSystemErrorMessage } from 'node:util'

/** @param error of a file system call @returns `/opt/stack/trove is not readable by user trovestrap: permission denied` */
export function explainAccess(path: string, error: unknown): string {
  const { errno, code, message } = error as NodeJS.ErrnoException
  if (code === 'ENOENT') return `${path} does not exist`
  const reason = errno === undefined ? message : getSystemErrorMessage(errno)
  return `${path} is not readable by user ${userName()}: ${reason}`
}

function userName(): string {
  try {
    return userInfo().username
  } catch {
    return String(process.getuid?.() ?? 'unknown')
  }
}
