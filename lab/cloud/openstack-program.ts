import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import got from 'got'
import { run } from '../run.ts'
import { service, type Service } from '../service.ts'

const PATH = '/usr/bin:/bin:/usr/sbin:/sbin'

/** Where programs of OpenStack write, and whose home that is. */
export function environment(dir: string, more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  return { PATH, LANG: 'C.UTF-8', HOME: dir, PYTHONWARNINGS: 'ignore', ...more }
}

export interface ProgramOptions {
  readonly name: string
  readonly dir: string
  /** Arguments after the program; `--config-file …` as a rule. */
  readonly args: readonly string[]
  readonly env?: NodeJS.ProcessEnv
  readonly ready: () => Promise<boolean>
  readonly readiness: string
}

/** One of OpenStack's daemons, by Debian's own Python; not running yet. */
export function program({ name, dir, args, env = {}, ...rest }: ProgramOptions): Service {
  return service({ name, command: ['/usr/bin/python3', `/usr/bin/${name}`, ...args], env: environment(dir, env), cwd: dir, log: join(dir, `${name}.log`), ...rest })
}

/** A WSGI script of OpenStack in uwsgi, as Debian's packages run it; not running yet. */
export function wsgiProgram({ name, dir, script, env, address, port, processes }: { name: string; dir: string; script: string; env: NodeJS.ProcessEnv; address: string; port: number; processes: number }): Service {
  const command = [
    'uwsgi',
    ...['--plugins-dir', '/usr/lib/uwsgi/plugins', '--plugin', 'python3'],
    ...['--http-socket', `${address}:${port}`, '--wsgi-file', script],
    ...['--master', '--processes', String(processes), '--threads', '1', '--lazy-apps', '--die-on-term', '--thunder-lock', '--buffer-size', '65535'],
    // otherwise clients ask again on a connection that it has closed
    ...['--add-header', 'Connection: close'],
  ]
  return service({ name, command, env: environment(dir, env), cwd: dir, log: join(dir, `${name}.log`), ...answering(`http://${address}:${port}/`) })
}

/** Ready when there is an answer over HTTP, whichever. */
export function answering(url: string): { ready: () => Promise<boolean>; readiness: string } {
  const ready = () =>
    got(url, { throwHttpErrors: false, retry: { limit: 0 }, timeout: { request: 5_000 }, followRedirect: false }).then(
      () => true,
      () => false,
    )
  return { ready, readiness: `to answer at ${url}` }
}

/** A verb of an OpenStack program that ends. @throws CommandFailed with its last lines */
export function manage(command: readonly string[], dir: string, more: NodeJS.ProcessEnv = {}): Promise<string> {
  return run(command, { env: environment(dir, more), cwd: dir, timeoutMs: 180_000 })
}

/** A configuration holds passwords. */
export async function writeConf(path: string, text: string): Promise<string> {
  await writeFile(path, text, { mode: 0o600 })
  return path
}
