import type { Duplex } from 'node:stream'
import type { Client } from 'ssh2'
import { CannotSee } from '../collector.ts'
import { placeText, type SshTarget } from './access.ts'
import { dial } from './dial.ts'
import { dialInNamespace } from './dial-in-namespace.ts'
import { logIn } from './log-in.ts'
import { runRemote, type RemoteOptions, type RemoteResult } from './run-remote.ts'

export interface SshConnection extends AsyncDisposable {
  /** @param command for the login shell of the other side: constant text, and nothing in it that was read somewhere */
  run(command: string, options: RemoteOptions): Promise<RemoteResult>
}

/**
 * Logs in to a machine: directly, through a jump host, from inside a network namespace, or all of it.
 * @param signal ends the attempt
 * @throws CannotSee with one short reason: `connection refused: 10.0.0.5:22`, `login of debug refused: 10.0.0.5:22`
 */
export async function openSsh(target: SshTarget, signal: AbortSignal): Promise<SshConnection> {
  await using opening = new AsyncDisposableStack()
  const { jump, netns } = target
  const first = jump ?? target
  const begin = async (): Promise<Duplex> => opening.adopt(await (netns === undefined ? dial(first, signal) : dialInNamespace(netns, first, signal)), (sock) => void sock.destroy())
  const enter = async (sock: Duplex, place: { host: string; port: number; user: string }): Promise<Client> =>
    opening.adopt(await logIn(sock, { ...target, user: place.user }, placeText(place), signal), close)
  let sock = await begin()
  if (jump !== undefined) sock = opening.adopt(await forward(await enter(sock, jump), target, signal), (sock) => void sock.destroy())
  const client = await enter(sock, target)
  const open = opening.move()
  return { run: (command, options) => runRemote(client, command, options), [Symbol.asyncDispose]: () => open.disposeAsync() }
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
