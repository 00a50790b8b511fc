import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { hostKeyOf } from '../../../contract/host-key.ts'
import { freePorts } from '../../../lab/free-ports.ts'
import { until } from '../../../lab/until.ts'

export interface RealSshd {
  readonly port: number
  readonly user: string
  /** File of the user's private key. */
  readonly key: string
  /** Those of ed25519 and of RSA, as a guest reports them. */
  readonly hostKeys: readonly string[]
}

/** For root, sshd wants /run/sshd: in a /run of its own. */
const OWN_RUN = ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', 'mount -t tmpfs tmpfs /run && mkdir /run/sshd && exec "$0" "$@"']

/**
 * OpenSSH's server with keys of its own, on loopback or in a network namespace.
 * @param programs scripts by name that stand before all others in the PATH of who logs in
 */
export async function realSshd(t: Test, { netns, programs = {} }: { netns?: string; programs?: Record<string, string> } = {}): Promise<RealSshd> {
  // t.testdir is the test's own, and there is one of each test.
  const folder = mkdtempSync(join(tmpdir(), 'trovestrap-sshd-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const [ed25519, rsa, key] = ['host-ed25519', 'host-rsa', 'user'].map((name) => join(folder, name))
  for (const [file, type] of [[ed25519, 'ed25519'], [rsa, 'rsa'], [key, 'ed25519']]) execFileSync('ssh-keygen', ['-q', '-t', type!, '-N', '', '-f', file!])
  mkdirSync(join(folder, 'bin'), { recursive: true })
  for (const [name, text] of Object.entries(programs)) {
    writeFileSync(join(folder, 'bin', name), text)
    chmodSync(join(folder, 'bin', name), 0o755)
  }
  const [port] = await freePorts(1)
  const config = [`ListenAddress 127.0.0.1:${port}`, `HostKey ${ed25519}`, `HostKey ${rsa}`, `AuthorizedKeysFile ${key}.pub`, `SetEnv PATH=${join(folder, 'bin')}:/usr/bin:/bin`, 'PidFile none', 'UsePAM no', 'StrictModes no', 'PermitRootLogin yes', 'PasswordAuthentication no', 'AllowTcpForwarding yes']
  writeFileSync(join(folder, 'sshd_config'), config.map((line) => `${line}\n`).join(''))
  const words = [...(netns === undefined ? [] : ['ip', 'netns', 'exec', netns]), ...(process.getuid!() === 0 ? OWN_RUN : []), '/usr/sbin/sshd', '-D', '-e', '-f', join(folder, 'sshd_config')]
  const server: ChildProcess = spawn(words[0]!, words.slice(1), { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  server.stderr!.on('data', (piece: Buffer) => (said += piece.toString()))
  t.teardown(() => server.kill())
  await until('sshd to listen', async () => (/listening on/.test(said) ? true : server.exitCode === null ? undefined : Promise.reject(new Error(said))), { timeoutMs: 15_000, everyMs: 20 })
  return { port: port!, user: userInfo().username, key: key!, hostKeys: [ed25519, rsa].map((file) => hostKeyOf(readFileSync(`${file}.pub`, 'utf8'))!) }
}
