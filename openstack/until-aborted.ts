import { CloudError } from './cloud-error.ts'

/**
 * What several wait for, as long as this one waits.
 * @param what for the message: `Keystone`
 * @throws CloudError when the signal comes first; what was waited for goes on for the others
 */
export function untilAborted<T>(promise: Promise<T>, signal: AbortSignal, what: string): Promise<T> {
  const aborted = Promise.withResolvers<never>()
  const end = (): void => aborted.reject(new CloudError(`${what} gives no answer in time`, { silent: true }))
  if (signal.aborted) end()
  signal.addEventListener('abort', end, { once: true })
  return Promise.race([promise, aborted.promise]).finally(() => signal.removeEventListener('abort', end))
}
