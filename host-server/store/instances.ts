import type { DatabaseSync } from 'node:sqlite'
import type { HostKey } from '../../contract/host-key.ts'
import type { Report } from '../../contract/report.ts'
import { present } from './present.ts'
import type { Audit, EnrolmentWish, Enrolment, InstanceRecord, Instances } from './store.ts'
import { transaction } from './transaction.ts'

const COLUMNS = 'id AS instance, enrolled, expires, address, last_seen, name, revoked, held, latest, since, host_keys'

/** Reports that are removed at once: a few milliseconds, in which nobody is answered. */
const ONE_STEP = 250

/** These come over the operator's routes, so it is host-server that does them. */
const BY_ROUTE = 'with the operator token'

/** Enrolled instances, each with the digest of the one secret that speaks for it. */
export function instances(database: DatabaseSync, audit: Audit, by: string): Instances {
  const find = database.prepare('SELECT key, revoked FROM instances WHERE id = ?')
  const counts = database.prepare('SELECT 1 FROM tokens WHERE id = ? AND revoked IS NULL AND expires > ?')
  const spend = database.prepare('UPDATE tokens SET uses = uses + 1 WHERE id = ? AND (max_uses IS NULL OR uses < max_uses)')
  const insert = database.prepare(
    'INSERT INTO instances (id, key, enrolled, expires, name, address, last_seen) VALUES (?, ?, ?, ?, ?, ?, ?)',
  )
  const renew = database.prepare(
    'UPDATE instances SET expires = ?, name = coalesce(?, name), address = ?, last_seen = ? WHERE id = ?',
  )
  // What was refused before is mended with this; whoever is still refused asks again within a minute and shows again.
  const mended = database.prepare("DELETE FROM refusals WHERE instance = ? OR (instance = '' AND address = ?)")
  const answered = ['waiting', 'approvals'].map((table) => database.prepare(`DELETE FROM ${table} WHERE instance = ?`))
  const valid = database.prepare('SELECT key FROM instances WHERE id = ? AND revoked IS NULL AND expires > ?')
  const all = database.prepare(`SELECT ${COLUMNS} FROM instances ORDER BY enrolled, id`)
  const one = database.prepare(`SELECT ${COLUMNS} FROM instances WHERE id = ?`)
  const forget = database.prepare('DELETE FROM instances WHERE id = ?')
  const hold = database.prepare('UPDATE instances SET held = coalesce(held, ?) WHERE id = ?')
  const release = database.prepare('UPDATE instances SET held = NULL WHERE id = ?')
  const held = database.prepare('SELECT 1 FROM instances WHERE id = ? AND held IS NOT NULL')
  const revoke = database.prepare('UPDATE instances SET revoked = coalesce(revoked, ?) WHERE id = ?')

  const old = database.prepare('SELECT id, last_seen FROM instances WHERE last_seen < ? AND (revoked IS NOT NULL OR expires <= ?) LIMIT 1')
  const removeReports = database.prepare(`DELETE FROM reports WHERE row IN (SELECT row FROM reports WHERE instance = ? LIMIT ${ONE_STEP})`)

  function removeOld(before: Date, now: Date): boolean {
    const row = old.get(before.toISOString(), now.toISOString()) as { id: string; last_seen: string } | undefined
    if (!row) return false
    if (removeReports.run(row.id).changes === ONE_STEP) return true
    forget.run(row.id)
    audit.add({ at: now.toISOString(), outcome: 'granted', event: 'forget', by, instance: row.id, detail: `not heard of since ${row.last_seen}` })
    return true
  }

  function enrol(wish: EnrolmentWish, now: Date): Enrolment {
    const known = find.get(wish.instance) as { key: string; revoked: string | null } | undefined
    const at = now.toISOString()
    if (known?.revoked) return 'revoked'
    if (known && known.key !== wish.key) return 'taken'
    // Between the door and here a body was waited for, and OpenStack may have been asked.
    if (wish.token !== undefined && counts.get(wish.token, at) === undefined) return 'token-void'
    if (known) {
      renew.run(wish.expires.toISOString(), wish.name ?? null, wish.address, at, wish.instance)
    } else {
      if (wish.admitted === undefined) return 'not-admitted'
      if (wish.token !== undefined && spend.run(wish.token).changes === 0) return 'token-used-up'
      insert.run(wish.instance, wish.key, at, wish.expires.toISOString(), wish.name ?? null, wish.address, at)
    }
    mended.run(wish.instance, wish.address)
    for (const table of answered) table.run(wish.instance)
    const { instance, address } = wish
    audit.add({
      at,
      outcome: 'granted',
      event: known ? 'renew' : 'enrol',
      by: wish.token === undefined ? 'instance' : `token ${wish.token}`,
      instance,
      address,
      detail: `until ${wish.expires.toISOString()}${known || wish.admitted === undefined ? '' : `; ${wish.admitted}`}`,
    })
    return known ? 'again' : 'new'
  }

  /** What an operator, or host-server by itself, does to an enrolment. */
  function ends(event: string, instance: string, at: string, change: () => boolean, detail?: string): boolean {
    return transaction(database, () => {
      if (!change()) return false
      audit.add({ at, outcome: 'granted', event, by, instance, ...(detail === undefined ? {} : { detail }) })
      return true
    })
  }

  return {
    enrol: (wish, now) => transaction(database, () => enrol(wish, now)),
    opens(instance, secret, now) {
      const row = valid.get(instance, now.toISOString()) as { key: string } | undefined
      return row !== undefined && secret.matches(row.key)
    },
    list: () => all.all().map(record),
    get(instance) {
      const row = one.get(instance)
      return row && record(row)
    },
    forget: (instance, now) => ends('forget', instance, now.toISOString(), () => forget.run(instance).changes > 0),
    hold: (instance, now) => ends('hold', instance, now.toISOString(), () => hold.run(now.toISOString(), instance).changes > 0, BY_ROUTE),
    release: (instance, now) => ends('release', instance, now.toISOString(), () => release.run(instance).changes > 0, BY_ROUTE),
    isHeld: (instance) => held.get(instance) !== undefined,
    removeOld: (before, now) => transaction(database, () => removeOld(before, now)),
    revoke: (instance, now, why) => ends('revoke', instance, now.toISOString(), () => revoke.run(now.toISOString(), instance).changes > 0, why),
  }
}

function record(row: Record<string, unknown>): InstanceRecord {
  const { latest, host_keys, ...rest } = present<Omit<InstanceRecord, 'latest' | 'host_keys'> & { latest?: string; host_keys?: string }>(row)
  return {
    ...rest,
    ...(latest === undefined ? {} : { latest: JSON.parse(latest) as Report }),
    ...(host_keys === undefined ? {} : { host_keys: JSON.parse(host_keys) as HostKey[] }),
  }
}
