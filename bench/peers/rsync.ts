import { existsSync, mkdirSync, rmdirSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { startDaemon, whileRunning } from '../../lab/daemon.ts'
import { freePorts } from '../../lab/free-ports.ts'
import { run } from '../../lab/run.ts'
import { answers } from './answers.ts'
import { timed } from './timed.ts'
import type { Trees, Way } from './way.ts'

/** sshd refuses to run as root without it; Debian's unit makes it. */
const PRIVILEGE_SEPARATION = '/run/sshd'

/** rsync over a fresh SSH connection, with the options of Trove's development unit. The server has keys of its own. */
export async function rsync(folder: string, trees: Trees): Promise<Way> {
  const [hostKey, userKey] = [join(folder, 'ssh-host-key'), join(folder, 'ssh-user-key')]
  for (const key of [hostKey, userKey]) await run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', key])
  const port = (await freePorts(1))[0]!
  const config = join(folder, 'sshd_config')
  const lines = [`ListenAddress 127.0.0.1:${port}`, `HostKey ${hostKey}`, `AuthorizedKeysFile ${userKey}.pub`, 'PidFile none', 'UsePAM no', 'StrictModes no', 'PermitRootLogin yes', 'PasswordAuthentication no']
  await writeFile(config, lines.map((line) => `${line}\n`).join(''))
  const made = process.getuid?.() === 0 && !existsSync(PRIVILEGE_SEPARATION)
  if (made) mkdirSync(PRIVILEGE_SEPARATION, { mode: 0o755 })
  const server = await startDaemon({ name: 'sshd', command: ['/usr/sbin/sshd', '-D', '-e', '-f', config], log: join(folder, 'sshd.log') })
  await whileRunning(server, answers(port))
  return {
    name: 'rsync over SSH',
    port,
    async guest(folder, port) {
      const ssh = `ssh -p ${port} -i ${userKey} -o UserKnownHostsFile=/dev/null -o StrictHostKeyChecking=no -o LogLevel=ERROR`
      const from = (tree: string) => () => timed('rsync', ['-e', ssh, '-az', '--exclude=.*', `${userInfo().username}@127.0.0.1:${tree}/`, folder])
      return {
        cases: { cold: from(trees.before), unchanged: from(trees.before), 'one file changed': from(trees.after) },
        tree: async () => folder,
        [Symbol.asyncDispose]: async () => {},
      }
    },
    async [Symbol.asyncDispose]() {
      await server.stop()
      if (made) rmdirSync(PRIVILEGE_SEPARATION)
    },
  }
}
