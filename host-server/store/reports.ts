import type { DatabaseSync } from 'node:sqlite'
import type { Report } from '../../contract/report.ts'
import type { Reports } from './store.ts'
import { transaction } from './transaction.ts'

/** Of each instance; about four hours of a guest that fails every 30 s, and many boots of one that does not. */
export const REPORTS_KEPT = 1000

/** What guests said, in the order it came. */
export function reports(database: DatabaseSync): Reports {
  const insert = database.prepare(
    'INSERT OR IGNORE INTO reports (instance, boot, run, seq, received, report) VALUES (?, ?, ?, ?, ?, ?)',
  )
  const state = database.prepare('SELECT latest, since FROM instances WHERE id = ?')
  const known = database.prepare('SELECT 1 FROM reports WHERE instance = ? AND boot = ? AND run = ? AND seq <> ? LIMIT 1')
  const seen = database.prepare('UPDATE instances SET latest = ?, since = ?, last_seen = ?, address = ? WHERE id = ?')
  const keep = database.prepare('UPDATE instances SET host_keys = ? WHERE id = ?')
  const prune = database.prepare(
    `DELETE FROM reports WHERE instance = ?1 AND row <=
       (SELECT row FROM reports WHERE instance = ?1 ORDER BY row DESC LIMIT 1 OFFSET ${REPORTS_KEPT})`,
  )
  const all = database.prepare('SELECT received, report FROM reports WHERE instance = ? ORDER BY row')

  function add(instance: string, batch: readonly Report[], address: string, now: Date): number {
    const at = now.toISOString()
    const row = state.get(instance) as { latest: string | null; since: string | null } | undefined
    if (!row) return 0
    let latest = row.latest === null ? undefined : (JSON.parse(row.latest) as Report)
    let since = row.since
    let added = 0
    for (const { host_keys, ...report } of batch) {
      if (insert.run(instance, report.boot, report.run, report.seq, at, JSON.stringify(report)).changes === 0) continue
      added++
      if (latest && !isNewer(report, latest)) continue
      if (latest?.run !== report.run || latest.boot !== report.boot || latest.stage !== report.stage) since = at
      latest = report
      if (host_keys !== undefined) keep.run(host_keys.length === 0 ? null : JSON.stringify(host_keys), instance)
    }
    seen.run(latest === undefined ? null : JSON.stringify(latest), since, at, address, instance)
    prune.run(instance)
    return added

    /** Within a run the number decides; a run that was heard before and is not the latest is a straggler. */
    function isNewer(report: Report, than: Report): boolean {
      if (report.boot === than.boot && report.run === than.run) return report.seq > than.seq
      return known.get(instance, report.boot, report.run, report.seq) === undefined
    }
  }

  return {
    add: (instance, batch, address, now) => transaction(database, () => add(instance, batch, address, now)),
    list: (instance) =>
      all.all(instance).map((row) => ({ received: row['received'] as string, report: JSON.parse(row['report'] as string) as Report })),
  }
}
