import type { Duplex } from 'node:stream'
import type { Client } from 'ssh2'
import { CannotSee } from '../collector.ts'
import { placeText, type SshTarget } from './access.ts'
import { dial } from './dial.ts'
import { dialInNamespace } from './dial-in-namespace.ts'
import { logIn, type LoggedIn } from './log-in.ts'
import { runRemote, type RemoteOptions, type RemoteResult } from './run-remote.ts'
import { streamRemote, type RemoteEnd, type RemoteStreams } from './stream-remote.ts'

export interface SshConnection extends AsyncDisposable {
  /** @param command for the login shell of the other side: constant text, and nothing in it that was read somewhere */
  run(command: string, options: RemoteOptions): Promise<RemoteResult>
}

/** A login that can do more than be asked. */
export interface SshSession extends SshConnection {
  /** By which the other side showed itself: `ssh-ed25519 AAAA…`. */
  readonly hostKey: string
  /** @param command see `streamRemote` */
  stream(command: string, streams: RemoteStreams): Promise<RemoteEnd>
}

/**
 * Logs in to a machine: directly, through a jump host, from inside a network namespace, or all of it.
 * @param signal ends the attempt
 * @throws CannotSee with one short reason: `connection refused: 10.0.0.5:22`, `login of debug refused: 10.0.0.5:22`
 */
export async function openSsh(target: SshTarget, signal: AbortSignal): Promise<SshSession> {
  await using opening = new AsyncDisposableStack()
  const { jump, netns } = target
  const first = jump ?? target
  const begin = async (): Promise<Duplex> => opening.adopt(await (netns === undefined ? dial(first, signal) : dialInNamespace(netns, first, signal)), (sock) => void sock.destroy())
  const enter = async (sock: Duplex, { hostKeys, ...place }: Pick<SshTarget, 'host' | 'port' | 'user' | 'hostKeys'>): Promise<LoggedIn> => {
    const { hostKeys: _ofTheGuest, ...means } = target
    const login = await logIn(sock, { ...means, user: place.user, ...(hostKeys === undefined ? {} : { hostKeys }) }, placeText(place), signal)
    opening.adopt(login.client, close)
    return login
  }
  let sock = await begin()
  if (jump !== undefined) sock = opening.adopt(await forward((await enter(sock, jump)).client, target, signal), (sock) => void sock.destroy())
  const { client, hostKey } = await enter(sock, target)
  const open = opening.move()
  return { hostKey, run: (command, options) => runRemote(client, command, options), stream: (command, streams) => streamRemote(client, command, streams), [Symbol.asyncDispose]: () => open.disposeAsync() }
}

/** A connection from the jump host to the guest. */
function forward(client: Client, target: SshTarget, signal: AbortSignal): Promise<Duplex> {
  const { promise, resolve, reject } = Promise.withResolvers<Duplex>()
  const where = `${placeText(target)} from ${target.jump!.host}`
  const late = () => reject(new CannotSee(`no answer: ${where}`))
  if (signal.aborted) late()
  signal.addEventListener('abort', late)
  client.once('close', () => reject(new CannotSee(`connection lost: ${placeText(target.jump!)}`)))
  client.forwardOut('127.0.0.1', 0, target.host, target.port, (error, channel) => {
    if (error === undefined) return resolve(channel)
    const [, reason] = /\(SSH\) Channel open failure: (.*)/.exec(error.message) ?? []
    reject(new CannotSee(`${/refused/i.test(reason ?? '') ? 'connection refused' : /prohibited/i.test(reason ?? '') ? 'forwarding is forbidden' : 'no connection'}: ${where}`, { cause: error }))
  })
  return promise.finally(() => signal.removeEventListener('abort', late))
}

/** At once: a goodbye would wait for a guest that may not answer. */
function close(client: Client): void {
  client.on('error', () => {}).end()
  client.destroy()
}
