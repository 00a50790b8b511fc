import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Secret } from '../../contract/secret.ts'
import { cached } from '../cache.ts'
import { digestOf } from '../recipe-digest.ts'
import { removeTree } from '../remove-tree.ts'
import { run } from '../run.ts'
import type { Tell } from '../tell.ts'
import { troveCall } from '../trove-calls.ts'
import { makeDataFolder, startMariaDb } from './mariadb.ts'
import { manage, writeConf } from './openstack-program.ts'
import { osloConf } from './oslo-conf.ts'

/** Whose tables these are; a user of that name owns them. */
export const DATABASES = {
  keystone: ['keystone'],
  glance: ['glance'],
  placement: ['placement'],
  neutron: ['neutron'],
  nova: ['nova', 'nova_api', 'nova_cell0'],
  trove: ['trove'],
} as const

/** Whose versions decide what is in the tables. */
const PACKAGES = ['keystone', 'glance-api', 'placement-api', 'neutron-server', 'nova-api', 'python3-trove', 'mariadb-server']

/** Nova fills them in from its own configuration, so that no address and no password is in the tables. */
const CELL_TEMPLATES = {
  transport: '{scheme}://{username}:{password}@{hostname}:{port}/{path}',
  database: '{scheme}://{username}:{password}@{hostname}/{path}?{query}',
  cell0: '{scheme}://{username}:{password}@{hostname}/nova_cell0?{query}',
} as const

/** Templates are tried out on something. */
const NO_BROKER = 'rabbit://nobody:nothing@127.0.0.1:5672/nova'

/**
 * The data folder of a MariaDB with the tables of every service as its own migrations make them, without rows and users; from the cache. Made first
 * where there is none for these packages, which takes half a minute of both cores.
 */
export async function tables(tell: Tell): Promise<string> {
  const versions = await run(['dpkg-query', '--show', '--showformat', '${Package} ${Version}\\n', ...PACKAGES])
  const digest = digestOf(versions, JSON.stringify(CELL_TEMPLATES))
  return join(await cached({ kind: 'cloud-tables', digest, build: (folder) => build(folder, tell) }, tell), 'data')
}

async function build(folder: string, tell: Tell): Promise<void> {
  tell("making the tables of OpenStack's services")
  const work = join(folder, 'work')
  await mkdir(work)
  const data = join(folder, 'data')
  await makeDataFolder(data)
  const maker = { name: 'maker', password: Secret.random() }
  const names = Object.values(DATABASES).flat()
  await using maria = await startMariaDb({ dir: work, data, network: false })
  await maria.execute([...names.map((name) => `CREATE DATABASE ${name}`), `CREATE USER maker@localhost IDENTIFIED BY '${maker.password.reveal()}'`, 'GRANT ALL ON *.* TO maker@localhost'])
  const connection = (database: string) => `mysql+pymysql://maker:${maker.password.reveal()}@localhost/${database}?charset=utf8&unix_socket=${maria.socket}`
  const migrate = async (name: string, sections: Record<string, string>, ...verbs: (readonly string[])[]) => {
    const urls = Object.entries(sections).map(([section, database]) => [section, { connection: connection(database) }])
    const config = await writeConf(join(work, `${name}.conf`), osloConf({ DEFAULT: { transport_url: NO_BROKER }, ...Object.fromEntries(urls) }))
    for (const verb of verbs) await manage(['/usr/bin/python3', `/usr/bin/${name}`, '--config-file', config, ...verb], work)
  }
  const cell0 = ['cell_v2', 'map_cell0', '--database_connection', CELL_TEMPLATES.cell0]
  const cell1 = ['cell_v2', 'create_cell', '--name', 'cell1', '--transport-url', CELL_TEMPLATES.transport, '--database_connection', CELL_TEMPLATES.database]
  await Promise.all([
    migrate('nova-manage', { api_database: 'nova_api', database: 'nova' }, ['api_db', 'sync'], cell0, cell1, ['db', 'sync']),
    migrate('neutron-db-manage', { database: 'neutron' }, ['upgrade', 'head']),
    migrate('keystone-manage', { database: 'keystone' }, ['db_sync']),
    migrate('glance-manage', { database: 'glance' }, ['db_sync']),
    migrate('placement-manage', { placement_database: 'placement' }, ['db', 'sync']),
    writeConf(join(work, 'trove.conf'), osloConf({ database: { connection: connection('trove') } })).then((config) => troveCall('tables', config, {})),
  ])
  await maria.execute(['DROP USER maker@localhost'])
  await maria[Symbol.asyncDispose]()
  await removeTree(work)
}
