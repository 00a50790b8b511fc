import type { DatabaseSync } from 'node:sqlite'
import { present } from './present.ts'
import type { Approvals, Audit, WaitingRecord } from './store.ts'
import { transaction } from './transaction.ts'

/** In all: whoever holds a token can ask in as many names as it likes. */
export const WAITING_KEPT = 1000
/** Stands for every instance; no id of one. */
const EVERYBODY = '*'

/** Who waits for the operator's word, and whom it lets in. */
export function approvals(database: DatabaseSync, audit: Audit, by: string): Approvals {
  const wait = database.prepare(
    `INSERT INTO waiting (instance, key, address, name, since, at) VALUES (?1, ?2, ?3, ?4, ?5, ?5)
     ON CONFLICT (instance, key) DO UPDATE SET address = excluded.address, name = coalesce(excluded.name, name), at = excluded.at`,
  )
  const prune = database.prepare(
    `DELETE FROM waiting WHERE (instance, key) NOT IN (SELECT instance, key FROM waiting ORDER BY at DESC LIMIT ${WAITING_KEPT})`,
  )
  const size = database.prepare('SELECT count(*) AS size FROM waiting')
  const all = database.prepare('SELECT * FROM waiting ORDER BY since, instance, key')
  const answered = database.prepare('DELETE FROM waiting WHERE instance = ?')
  const approve = database.prepare('INSERT OR REPLACE INTO approvals (instance, key, until) VALUES (?, ?, ?)')
  const unused = database.prepare('DELETE FROM approvals WHERE until <= ?')
  const withdraw = database.prepare('DELETE FROM approvals WHERE instance = ?')
  const find = database.prepare('SELECT until FROM approvals WHERE instance = ? AND (key IS NULL OR key = ?) AND until > ?')

  return {
    wait: ({ instance, key, address, name }, now) =>
      transaction(database, () => {
        wait.run(instance, key, address, name ?? null, now.toISOString())
        if ((size.get() as { size: number }).size > WAITING_KEPT) prune.run()
      }),
    waiting: () => all.all().map((row) => present<WaitingRecord>(row)),
    approve: (instance, key, lifetime, now) =>
      transaction(database, () => {
        unused.run(now.toISOString())
        const until = later(now, lifetime)
        approve.run(instance, key ?? null, until)
        answered.run(instance)
        audit.add({ at: now.toISOString(), outcome: 'granted', event: 'approve', by, instance, detail: `until ${until}${key === undefined ? ', whoever asks first' : ''}` })
      }),
    open: (lifetime, now) =>
      transaction(database, () => {
        const until = later(now, lifetime)
        if (lifetime > 0) approve.run(EVERYBODY, null, until)
        else withdraw.run(EVERYBODY)
        audit.add({ at: now.toISOString(), outcome: 'granted', event: lifetime > 0 ? 'open enrolment' : 'close enrolment', by, ...(lifetime > 0 ? { detail: `until ${until}` } : {}) })
        return until
      }),
    openUntil: (now) => (find.get(EVERYBODY, '', now.toISOString()) as { until: string } | undefined)?.until,
    approved: (instance, key, now) => find.get(instance, key, now.toISOString()) !== undefined,
  }
}

function later(now: Date, seconds: number): string {
  return new Date(now.getTime() + seconds * 1000).toISOString()
}
