import { join } from 'node:path'
import { startDaemon, whileRunning } from '../../lab/daemon.ts'
import { freePorts } from '../../lab/free-ports.ts'
import { answers } from './answers.ts'
import { timed } from './timed.ts'
import type { Trees, Way } from './way.ts'

/** One request a file: `wget -r` from Python's http.server. */
export async function wget(folder: string, trees: Trees): Promise<Way> {
  const port = (await freePorts(1))[0]!
  const command = ['/usr/bin/python3', '-m', 'http.server', '--bind', '127.0.0.1', '--directory', trees.before, String(port)]
  const server = await startDaemon({ name: 'http.server', command, log: join(folder, 'http-server.log') })
  await whileRunning(server, answers(port))
  return {
    name: 'wget -r from http.server',
    port,
    async guest(folder, port) {
      const options = ['-q', '-r', '-l', 'inf', '-np', '-nH', '-e', 'robots=off', '-R', 'index.html*', '-P', folder]
      return {
        cases: { cold: () => timed('wget', [...options, `http://127.0.0.1:${port}/`]) },
        tree: async () => folder,
        [Symbol.asyncDispose]: async () => {},
      }
    },
    [Symbol.asyncDispose]: () => server.stop(),
  }
}
