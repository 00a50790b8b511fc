import { once } from 'node:events'
import ssh2 from 'ssh2'
import type { ClientChannel } from 'ssh2'

export interface Login {
  readonly user: string
  /** OpenSSH's own format. */
  readonly privateKey?: string
  readonly password?: string
}

export interface ShellResult {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Key exchange alone takes an emulated guest some seconds. */
const READY_MS = 60_000

/**
 * Runs a command line in a guest over SSH, with its standard input. The host key is not checked: it was made minutes ago, behind a port of our own.
 *
 * @throws when there is no connection or the login is refused; the command's own failure is its `code`
 */
export async function guestShell(port: number, command: string, login: Login, input = ''): Promise<ShellResult> {
  const client = new ssh2.Client()
  try {
    const ready = once(client, 'ready')
    client.connect({
      host: '127.0.0.1',
      port,
      username: login.user,
      readyTimeout: READY_MS,
      ...(login.privateKey === undefined ? {} : { privateKey: login.privateKey }),
      ...(login.password === undefined ? {} : { password: login.password }),
    })
    await ready
    const channel = await new Promise<ClientChannel>((resolve, reject) => {
      client.once('close', () => reject(new Error('the guest closed the connection')))
      client.exec(command, (error, channel) => (error ? reject(error) : resolve(channel)))
    })
    channel.end(input)
    return await result(channel)
  } catch (error) {
    throw new Error(`SSH to the guest as ${login.user} on 127.0.0.1:${port} failed: ${(error as Error).message}`, { cause: error })
  } finally {
    client.on('error', () => {}).end()
  }
}

async function result(channel: ClientChannel): Promise<ShellResult> {
  let stdout = ''
  let stderr = ''
  let code = -1
  channel.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  channel.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  channel.on('exit', (status: number | null) => (code = status ?? -1))
  await once(channel, 'close')
  return { code, stdout, stderr }
}
