import { present } from '../../../openstack/present.ts'
import type { TroveSeen } from '../../evidence.ts'
import { CannotSee } from '../collector.ts'
import type { Database, Row } from './database.ts'
import { faultSeen } from './fault-seen.ts'
import { utc } from './utc.ts'

/** Tables and columns differ between Trove's releases: what is not there is not asked for. */
const WANTED = {
  instances: ['name', 'task_id', 'task_description', 'created', 'updated', 'deleted', 'compute_instance_id', 'encrypted_key', 'datastore_version_id'],
  service_statuses: ['status_id', 'status_description', 'updated_at'],
  instance_faults: ['message', 'details', 'created', 'updated'],
  datastore_versions: ['name', 'manager', 'datastore_id'],
  datastores: ['name'],
} as const
type Table = keyof typeof WANTED

/** Characters of one value: MySQL's TEXT holds no more, LONGTEXT does. */
const LONGEST = 65_535

/** What the rows of an instance say. @throws CannotSee when this is not Trove's database */
export async function readInstance(database: Database, id: string): Promise<TroveSeen> {
  const row = await newest(database, 'instances', 'id', id)
  if (row === undefined) return { from: 'database' }
  const version = row['datastore_version_id'] == null ? undefined : await newest(database, 'datastore_versions', 'id', String(row['datastore_version_id']))
  const datastore = version?.['datastore_id'] == null ? undefined : await newest(database, 'datastores', 'id', String(version['datastore_id']))
  return present({
    from: 'database' as const,
    instance: present({
      name: text(row['name']),
      task: number(row['task_id']),
      task_text: text(row['task_description']),
      created: utc(row['created']),
      updated: utc(row['updated']),
      deleted: row['deleted'] == null ? undefined : row['deleted'] !== 0,
      compute_instance_id: text(row['compute_instance_id']),
      has_rpc_key: row['encrypted_key'] === undefined ? undefined : row['encrypted_key'] === 1,
      datastore: text(datastore?.['name'] ?? version?.['manager']),
      datastore_version: text(version?.['name']),
    }),
    service: serviceSeen(await newest(database, 'service_statuses', 'instance_id', id, 'updated_at')),
    fault: faultOf(await newest(database, 'instance_faults', 'instance_id', id, 'updated')),
  })
}

/** The newest row that is not deleted; of `instances` also one that is. */
async function newest(database: Database, table: Table, key: string, value: string, newestBy?: string): Promise<Row | undefined> {
  const there = await database.columns(table)
  const columns = WANTED[table].filter((column) => there.has(column))
  if (columns.length === 0 && table === 'instances') throw new CannotSee("this is not Trove's database: it has no table `instances`")
  if (columns.length === 0 || !there.has(key)) return undefined
  const alive = table === 'instance_faults' && there.has('deleted') ? ' AND deleted = 0' : ''
  const order = newestBy !== undefined && there.has(newestBy) ? ` ORDER BY ${newestBy} DESC` : ''
  return await database.row(`SELECT ${columns.map(selected).join(', ')} FROM ${table} WHERE ${key} = ?${alive}${order}`, value)
}

/** The RPC key itself never leaves the database. */
function selected(column: string): string {
  if (column === 'encrypted_key') return 'encrypted_key IS NOT NULL AS encrypted_key'
  return column === 'details' || column === 'message' ? `substr(${column}, 1, ${LONGEST}) AS ${column}` : column
}

function serviceSeen(row: Row | undefined): TroveSeen['service'] {
  const words = text(row?.['status_description'])
  return row === undefined || words === undefined ? undefined : present({ id: number(row['status_id']), text: words, updated: utc(row['updated_at']) })
}

function faultOf(row: Row | undefined): TroveSeen['fault'] {
  const message = text(row?.['message'])
  return row === undefined || message === undefined ? undefined : faultSeen(message, text(row['details']), row['updated'] ?? row['created'])
}

function text(value: string | number | null | undefined): string | undefined {
  return value == null || value === '' ? undefined : String(value)
}

function number(value: string | number | null | undefined): number | undefined {
  return typeof value === 'number' ? value : undefined
}
