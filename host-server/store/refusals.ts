import type { DatabaseSync } from 'node:sqlite'
import type { RefusalRecord, Refusals } from './store.ts'

/** In all: refusals can be provoked by anybody, so they must not fill a disk. */
export const REFUSALS_KEPT = 200

/** Enrolments that were refused. */
export function refusals(database: DatabaseSync): Refusals {
  const upsert = database.prepare(
    `INSERT INTO refusals (address, instance, code, at) VALUES (?, ?, ?, ?)
     ON CONFLICT (address, instance, code) DO UPDATE SET at = excluded.at`,
  )
  const prune = database.prepare(
    `DELETE FROM refusals WHERE (address, instance, code) NOT IN
       (SELECT address, instance, code FROM refusals ORDER BY at DESC LIMIT ${REFUSALS_KEPT})`,
  )
  const all = database.prepare('SELECT at, address, instance, code FROM refusals ORDER BY at DESC')
  return {
    add({ at, address, instance, code }) {
      upsert.run(address, instance ?? '', code, at)
      prune.run()
    },
    list: () =>
      all.all().map((row) => {
        const { instance, ...rest } = row as unknown as RefusalRecord & { instance: string }
        return instance === '' ? rest : { ...rest, instance }
      }),
  }
}
