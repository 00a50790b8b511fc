import type { DatabaseSync } from 'node:sqlite'
import { present } from './present.ts'
import type { Audit, AuditEntry, AuditRecord } from './store.ts'

/** Of each outcome apart: whoever provokes refusals does not push a grant out. About 25 MB each. */
export const AUDIT_KEPT = 100_000
/** The oldest are looked for every so often, because that costs more than an entry. */
const PRUNE_EVERY = 512

/** The log of every grant and refusal, as rows that nothing of ours changes. */
export function audit(database: DatabaseSync): Audit {
  const insert = database.prepare('INSERT INTO audit (at, outcome, event, by, instance, address, detail, count) VALUES (?, ?, ?, ?, ?, ?, ?, ?)')
  const prune = database.prepare(
    `DELETE FROM audit WHERE outcome = ?1 AND row <= (SELECT row FROM audit WHERE outcome = ?1 ORDER BY row DESC LIMIT 1 OFFSET ${AUDIT_KEPT})`,
  )
  const newest = database.prepare('SELECT * FROM audit WHERE row > ?1 AND (?2 IS NULL OR instance = ?2) ORDER BY row DESC LIMIT ?3')
  let added = 0

  return {
    add({ at, outcome, event, by, instance, address, detail, count }: AuditEntry) {
      insert.run(at, outcome, event, by, instance ?? null, address ?? null, detail ?? null, count ?? 1)
      if (added++ % PRUNE_EVERY === 0) for (const which of ['granted', 'refused']) prune.run(which)
    },
    list: ({ last, after, instance }) =>
      newest
        .all(after ?? 0, instance ?? null, last)
        .map((row) => present<AuditRecord>(row))
        .reverse(),
  }
}
