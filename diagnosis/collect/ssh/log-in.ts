import type { Duplex } from 'node:stream'
import ssh2 from 'ssh2'
import { fingerprintOf } from '../../../contract/host-key.ts'
import { CannotSee } from '../collector.ts'
import type { SshAccess } from './access.ts'

interface SshError extends Error {
  readonly level?: string
}

/** A login, and by which key the other side showed itself: `ssh-ed25519 AAAA…`. */
export interface LoggedIn {
  readonly client: ssh2.Client
  readonly hostKey: string
}

/**
 * Logs in over a connection that stands.
 *
 * Where no host keys are given, none is checked. That is for a look at a guest, which is made anew, with keys nobody has seen before: nothing
 * secret is sent to it, for a key's proof is bound to this one session; a password is given by an operator who types it for a throw-away guest.
 *
 * @param where for messages, `10.0.0.5:22`
 * @throws CannotSee `login of debug refused: 10.0.0.5:22`
 */
export async function logIn(sock: Duplex, access: Pick<SshAccess, 'user' | 'privateKey' | 'password' | 'agent' | 'hostKeys'>, where: string, signal: AbortSignal): Promise<LoggedIn> {
  const { user, password, hostKeys } = access
  const client = new ssh2.Client()
  const { promise: ready, resolve, reject } = Promise.withResolvers<void>()
  const asides: string[] = []
  let spoken = false
  let hostKey = ''
  const late = () => reject(new CannotSee(spoken ? `login of ${user} takes too long: ${where}` : `no answer of an SSH server: ${where}`))
  if (signal.aborted) late()
  signal.addEventListener('abort', late)
  client.once('handshake', () => (spoken = true))
  client.once('ready', resolve)
  client.on('error', (error: SshError) => {
    if (error.level === 'agent') asides.push('ssh-agent does not answer') // the next way of logging in is tried
    else reject(failure(error, spoken, user, where, asides))
  })
  client.on('close', () => reject(new CannotSee(`connection ended before the login: ${where}`)))
  client.on('keyboard-interactive', (_name, _instructions, _language, prompts, finish) => finish(prompts.map(() => password ?? '')))
  try {
    client.connect({
      ...methods(access),
      ...(hostKeys === undefined ? {} : { algorithms: { serverHostKey: algorithmsOf(hostKeys) } }),
      hostVerifier(blob: Buffer) {
        hostKey = textOf(blob)
        if (hostKeys === undefined || hostKeys.includes(hostKey)) return true
        reject(new CannotSee(`host key ${fingerprintOf(hostKey)}, which is none of those that are known: ${where}`))
        return false
      },
      sock,
      username: user,
      readyTimeout: 0,
      tryKeyboard: password !== undefined,
    })
    await ready
    return { client, hostKey }
  } catch (error) {
    sock.destroy()
    // connect itself throws for nothing but a key that it cannot use
    throw error instanceof CannotSee ? error : new CannotSee(`the private key cannot be used: ${(error as Error).message.replace(/^Cannot parse privateKey: /, '')}`, { cause: error })
  } finally {
    signal.removeEventListener('abort', late)
  }
}

/** The other side has several keys and shows one of the kind that is asked for. */
function algorithmsOf(hostKeys: readonly string[]): ssh2.ServerHostKeyAlgorithm[] {
  const kinds = hostKeys.map((key) => key.split(' ', 1)[0]!)
  return [...new Set(kinds.flatMap((kind) => (kind === 'ssh-rsa' ? ['rsa-sha2-512', 'rsa-sha2-256'] : [kind])))] as ssh2.ServerHostKeyAlgorithm[]
}

/** SSH's wire form begins with the length and the name of the kind (RFC 4253, 6.6). */
function textOf(blob: Buffer): string {
  return `${blob.subarray(4, 4 + blob.readUInt32BE(0)).toString('latin1')} ${blob.toString('base64')}`
}

/** What cannot cost the guest a failed attempt comes first; "none" is not tried, it costs a round trip. */
function methods({ privateKey, password, agent }: Pick<SshAccess, 'privateKey' | 'password' | 'agent'>): ssh2.ConnectConfig {
  return {
    ...(privateKey === undefined ? {} : { privateKey }),
    ...(agent === undefined ? {} : { agent }),
    ...(password === undefined ? {} : { password }),
    authHandler: [
      ...(privateKey === undefined ? [] : ['publickey' as const]),
      ...(agent === undefined ? [] : ['agent' as const]),
      ...(password === undefined ? [] : ['password' as const, 'keyboard-interactive' as const]),
    ],
  }
}

function failure(error: SshError, spoken: boolean, user: string, where: string, asides: readonly string[]): CannotSee {
  const aside = asides.length === 0 ? '' : ` (${asides[0]})`
  if (error.level === 'client-authentication') return new CannotSee(`login of ${user} refused: ${where}${aside}`, { cause: error })
  if (error.level === 'client-socket') return new CannotSee(`connection lost: ${where}`, { cause: error })
  return new CannotSee(`${spoken ? 'SSH failed' : 'no SSH server'}: ${where}: ${error.message.slice(0, 200)}`, { cause: error })
}
