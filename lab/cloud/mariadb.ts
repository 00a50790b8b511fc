import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { run } from '../run.ts'
import { service, type Service } from '../service.ts'
import type { Account } from './accounts.ts'
import { PORTS } from './ports.ts'

export interface Database {
  readonly name: string
  readonly owner: Account
}

const ENV = { PATH: '/usr/bin:/usr/sbin:/bin', LANG: 'C.UTF-8' }

/** A MariaDB of our own on 127.0.0.1, with these databases, empty. */
export async function startMariaDb(dir: string, databases: readonly Database[]): Promise<Service> {
  await mkdir(join(dir, 'data'), { recursive: true })
  // a third of the tables' making is waiting for a disk, and nothing here outlives the cloud
  await run(['mount', '-t', 'tmpfs', 'tmpfs', join(dir, 'data')])
  const config = join(dir, 'my.cnf')
  const socket = join(dir, 'mariadb.sock')
  await writeFile(config, mariaDbConf(dir, socket))
  await run(['mariadb-install-db', `--defaults-file=${config}`, '--user=root', '--skip-test-db', '--auth-root-authentication-method=socket'], { env: ENV, cwd: dir })
  const maria = service({
    name: 'mariadbd',
    command: ['mariadbd', `--defaults-file=${config}`],
    env: ENV,
    cwd: dir,
    log: join(dir, 'mariadb.log'),
    ready: () => run(['mariadb-admin', `--socket=${socket}`, 'ping'], { env: ENV }).then(() => true, () => false),
    readiness: 'to answer',
  })
  await maria.start()
  // on standard input: passwords are nobody's arguments
  await run(['mariadb', `--socket=${socket}`], { env: ENV, input: statements(databases) })
  return maria
}

export function mariaDbConf(dir: string, socket: string): string {
  const options = {
    // mysql, the package's user, may not enter the folders of others
    user: 'root',
    datadir: join(dir, 'data'),
    socket,
    'pid-file': join(dir, 'mariadb.pid'),
    'bind-address': '127.0.0.1',
    port: PORTS.mariadb,
    'character-set-server': 'utf8mb4',
    max_connections: 200,
    innodb_buffer_pool_size: '64M',
    innodb_log_file_size: '32M',
    innodb_flush_log_at_trx_commit: 0,
    innodb_doublewrite: 0,
    performance_schema: 'off',
  }
  return `[mysqld]\nskip-name-resolve\n${Object.entries(options).map(([name, value]) => `${name} = ${value}\n`).join('')}`
}

function statements(databases: readonly Database[]): string {
  return databases.map(({ name, owner }) => {
    const user = `'${owner.name}'@'127.0.0.1'`
    return `CREATE DATABASE ${name}; CREATE USER IF NOT EXISTS ${user} IDENTIFIED BY '${owner.password.reveal()}'; GRANT ALL ON ${name}.* TO ${user};\n`
  }).join('')
}
