import type { Readable, Writable } from 'node:stream'
import type { Client } from 'ssh2'

export interface RemoteStreams {
  /** Absent: the command's input ends at once. */
  readonly stdin?: Readable
  readonly stdout: Writable
  readonly stderr: Writable
  /** Leaves the command, which ends when it next says something, or with the session. */
  readonly signal?: AbortSignal
}

/** How a command ended: its exit status, the signal that ended it (`TERM`), or neither where the connection was lost or closed. */
export interface RemoteEnd {
  readonly code?: number
  readonly signal?: string
}

/** Runs a command line while its output flows; what is slow to be written here slows the command down. @param command for the login shell of the other side */
export function streamRemote(client: Client, command: string, { stdin, stdout, stderr, signal }: RemoteStreams): Promise<RemoteEnd> {
  const { promise, resolve } = Promise.withResolvers<RemoteEnd>()
  let end: RemoteEnd = {}
  const lost = (): void => resolve(end)
  client.once('close', lost)
  client.exec(command, (error, channel) => {
    if (error) return lost()
    // Not waited for: the other side closes once its program ends, and without a terminal nothing ends that.
    const stop = (): void => {
      channel.close()
      lost()
    }
    if (signal?.aborted) stop()
    signal?.addEventListener('abort', stop)
    channel.on('exit', (code: number | null, name?: string) => (end = { ...(code === null ? {} : { code }), ...(name === undefined ? {} : { signal: name.replace(/^SIG/, '') }) }))
    channel.on('error', () => {}) // a program that does not read its input
    channel.on('close', () => {
      signal?.removeEventListener('abort', stop)
      stdin?.unpipe(channel)
      lost()
    })
    channel.pipe(stdout, { end: false })
    channel.stderr.pipe(stderr, { end: false })
    if (stdin === undefined) channel.end()
    else stdin.pipe(channel)
  })
  return promise.finally(() => client.removeListener('close', lost))
}
