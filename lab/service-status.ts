import { DatabaseSync } from 'node:sqlite'

/** A row of `service_statuses`: what Trove's conductor last wrote down about a guest. */
export interface ServiceStatus {
  /** Trove's words: new, building, healthy, failed to spawn, … */
  readonly status: string
  readonly statusId: number
  /** Undefined until the first report. */
  readonly updatedAt: Date | undefined
}

interface Row {
  status_id: number
  status_description: string
  updated_at: string | null
}

/** @param database path of Trove's SQLite file; opened only to read */
export function serviceStatus(database: string, instance: string): ServiceStatus {
  using db = new DatabaseSync(database, { readOnly: true, timeout: 5_000 })
  const row = db.prepare('select status_id, status_description, updated_at from service_statuses where instance_id = ?').get(instance) as Row | undefined
  if (row === undefined) throw new Error(`service_statuses in ${database} has no row for instance ${instance}`)
  return { status: row.status_description, statusId: row.status_id, updatedAt: row.updated_at === null ? undefined : utc(row.updated_at) }
}

/** SQLAlchemy writes `2026-11-22 16:45:39.123456`, in UTC. */
function utc(text: string): Date {
  return new Date(`${text.replace(' ', 'T').slice(0, 23)}Z`)
}
