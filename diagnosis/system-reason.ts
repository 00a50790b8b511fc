import { getSystemErrorMessage } from 'node:util'

/** Why the system refused something, in its words and without its numbers: `permission denied`. */
export function systemReason(error: unknown): string {
  const { errno, message } = error as NodeJS.ErrnoException
  return errno === undefined ? message : getSystemErrorMessage(errno)
}
