import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { run } from '../run.ts'
import { service } from '../service.ts'
import { PORTS } from './ports.ts'

export interface MariaDb extends AsyncDisposable {
  readonly socket: string
  /** Statements of SQL, as its root; their text is nobody's argument. */
  execute(statements: readonly string[]): Promise<void>
}

export interface MariaDbOptions {
  /** Configuration, log, socket. */
  readonly dir: string
  readonly data: string
  /** Whether it listens on 127.0.0.1 beside its socket. */
  readonly network: boolean
}

const ENV = { PATH: '/usr/bin:/usr/sbin:/bin', LANG: 'C.UTF-8' }
/** All that is not written yet is written first. */
const STOP_MS = 30_000

/** An empty data folder. */
export async function makeDataFolder(data: string): Promise<void> {
  await run(['mariadb-install-db', '--no-defaults', `--datadir=${data}`, `--user=${user()}`, '--skip-test-db', '--auth-root-authentication-method=socket'], { env: ENV })
}

/** A MariaDB of our own on a data folder. Its writes are not waited for: nothing of it outlives a power cut. */
export async function startMariaDb({ dir, data, network }: MariaDbOptions): Promise<MariaDb> {
  await mkdir(dir, { recursive: true, mode: 0o700 })
  const config = join(dir, 'my.cnf')
  const socket = join(dir, 'mariadb.sock')
  await writeFile(config, mariaDbConf({ dir, data, network }, socket))
  const maria = service({
    name: 'mariadbd',
    command: ['mariadbd', `--defaults-file=${config}`],
    env: ENV,
    cwd: dir,
    log: join(dir, 'mariadb.log'),
    ready: () => run(['mariadb-admin', `--socket=${socket}`, 'ping'], { env: ENV }).then(() => true, () => false),
    readiness: 'to answer',
    stopMs: STOP_MS,
  })
  await maria.start()
  return {
    socket,
    execute: async (statements) => void (await run(['mariadb', `--socket=${socket}`], { env: ENV, input: `${statements.join(';\n')};\n` })),
    [Symbol.asyncDispose]: () => maria.stop(),
  }
}

function mariaDbConf({ dir, data, network }: MariaDbOptions, socket: string): string {
  const options = {
    user: user(),
    datadir: data,
    socket,
    'pid-file': join(dir, 'mariadb.pid'),
    ...(network ? { 'bind-address': '127.0.0.1', port: PORTS.mariadb } : { 'skip-networking': 1 }),
    'character-set-server': 'utf8mb4',
    max_connections: 200,
    innodb_buffer_pool_size: '64M',
    innodb_log_file_size: '32M',
    innodb_flush_log_at_trx_commit: 0,
    innodb_flush_method: 'nosync',
    innodb_doublewrite: 0,
    performance_schema: 'off',
  }
  return `[mysqld]\nskip-name-resolve\n${Object.entries(options).map(([name, value]) => `${name} = ${value}\n`).join('')}`
}

/** mysql, the package's user, may not enter the folders of others. */
function user(): string {
  return process.getuid?.() === 0 ? 'root' : (process.env['USER'] ?? 'mysql')
}
