import { randomInt } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'
import { formatCredential } from '../../contract/credential.ts'
import { Secret } from '../../contract/secret.ts'
import { present } from './present.ts'
import type { Audit, TokenRecord, Tokens } from './store.ts'
import { transaction } from './transaction.ts'

const COLUMNS = 'id, created, expires, uses, max_uses, image, description, revoked'
const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789'

/** Bootstrap tokens in kubeadm's form, stored as digests. */
export function tokens(database: DatabaseSync, audit: Audit, by: string): Tokens {
  const insert = database.prepare(
    'INSERT INTO tokens (id, sha256, created, expires, max_uses, image, description) VALUES (?, ?, ?, ?, ?, ?, ?)',
  )
  const all = database.prepare(`SELECT ${COLUMNS} FROM tokens ORDER BY created, id`)
  const one = database.prepare(`SELECT ${COLUMNS} FROM tokens WHERE id = ?`)
  const bind = database.prepare('UPDATE tokens SET image = ? WHERE id = ?')
  const revoke = database.prepare('UPDATE tokens SET revoked = coalesce(revoked, ?) WHERE id = ?')
  const find = database.prepare('SELECT sha256 FROM tokens WHERE id = ? AND revoked IS NULL AND expires > ?')
  const changed = (event: string, id: string, now: Date, detail = ''): void => {
    audit.add({ at: now.toISOString(), outcome: 'granted', event, by, detail: `token ${id}${detail}` })
  }

  return {
    create({ lifetime, maxUses, image, description }, now) {
      const id = letters(6)
      const secret = new Secret(letters(16))
      const expires = new Date(now.getTime() + lifetime * 1000)
      transaction(database, () => {
        insert.run(id, secret.sha256(), now.toISOString(), expires.toISOString(), maxUses ?? null, image ?? null, description ?? null)
        changed('token create', id, now, ` until ${expires.toISOString()}${maxUses === undefined ? '' : `, ${maxUses} uses`}${image === undefined ? '' : `, image ${image}`}`)
      })
      return { id, token: formatCredential({ kind: 'bootstrap', id, secret }), expires }
    },
    list: () => all.all().map((row) => present<TokenRecord>(row)),
    get(id) {
      const row = one.get(id)
      return row && present<TokenRecord>(row)
    },
    revoke: (id, now) =>
      transaction(database, () => {
        if (revoke.run(now.toISOString(), id).changes === 0) return false
        changed('token revoke', id, now)
        return true
      }),
    bind: (id, image, now) =>
      transaction(database, () => {
        if (bind.run(image ?? null, id).changes === 0) return false
        changed('token bind', id, now, image === undefined ? ', any image' : `, image ${image}`)
        return true
      }),
    opens(id, secret, now) {
      const row = find.get(id, now.toISOString()) as { sha256: string } | undefined
      return row !== undefined && secret.matches(row.sha256)
    },
  }
}

function letters(count: number): string {
  return Array.from({ length: count }, () => LETTERS[randomInt(LETTERS.length)]).join('')
}
