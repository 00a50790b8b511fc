import { once } from 'node:events'
import { connect, type AddressInfo } from 'node:net'
import ssh2 from 'ssh2'
import { sshKeyPair } from '../../../../lab/ssh-key-pair.ts'
import type { ServerChannel } from 'ssh2'

const HOST_KEY = sshKeyPair()
export const USER_KEY = sshKeyPair()

export interface ServerOptions {
  /** What it does with a command; without it, it accepts and never answers. */
  readonly onCommand?: (command: string, input: Promise<string>, channel: ServerChannel) => void
  /** Besides the key. */
  readonly password?: string
  /** Lets connections through, as a jump host does. */
  readonly forwards?: boolean
}

export interface TestServer extends AsyncDisposable {
  readonly port: number
  /** Who is logged in now. */
  readonly users: string[]
  /** Every connection that was let through. */
  readonly forwarded: string[]
}

/** A real SSH server in this process, on 127.0.0.1, that lets USER_KEY in. */
export async function startSshServer({ onCommand, password, forwards = false }: ServerOptions = {}): Promise<TestServer> {
  const users: string[] = []
  const forwarded: string[] = []
  const open = new Set<ssh2.Connection>()
  const server = new ssh2.Server({ hostKeys: [HOST_KEY.private] }, (connection) => {
    open.add(connection)
    connection.on('error', () => {}).on('close', () => open.delete(connection))
    connection.on('authentication', (attempt) => {
      const good = attempt.method === 'publickey' ? isUserKey(attempt.key.data) : attempt.method === 'password' && attempt.password === password
      if (!good) return attempt.reject(['publickey', 'password'])
      connection.on('close', () => users.splice(users.indexOf(attempt.username), 1))
      if (attempt.method !== 'publickey' || attempt.signature !== undefined) users.push(attempt.username)
      attempt.accept()
    })
    connection.on('session', (accept) => {
      accept().on('exec', (accept, _reject, { command }) => {
        const channel = accept()
        channel.on('error', () => {})
        const input = new Promise<string>((resolve) => {
          let text = ''
          channel.on('data', (piece: Buffer) => (text += piece)).on('end', () => resolve(text))
        })
        onCommand?.(command, input, channel)
      })
    })
    connection.on('tcpip', (accept, reject, { destIP, destPort }) => {
      if (!forwards) return reject()
      const socket = connect(destPort, destIP)
      socket.on('error', () => reject())
      socket.on('connect', () => {
        forwarded.push(`${destIP}:${destPort}`)
        const channel = accept()
        socket.removeAllListeners('error').on('error', () => {})
        channel.on('error', () => {}).pipe(socket).pipe(channel)
      })
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    users,
    forwarded,
    async [Symbol.asyncDispose]() {
      for (const connection of open) connection.end()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function isUserKey(data: Buffer): boolean {
  const key = ssh2.utils.parseKey(USER_KEY.public)
  return !(key instanceof Error) && data.equals(key.getPublicSSH())
}
