import { randomInt } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'
import { formatCredential } from '../../contract/credential.ts'
import { Secret } from '../../contract/secret.ts'
import { present } from './present.ts'
import type { TokenRecord, Tokens } from './store.ts'

const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789'

/** Bootstrap tokens in kubeadm's form, stored as digests. */
export function tokens(database: DatabaseSync): Tokens {
  const insert = database.prepare(
    'INSERT INTO tokens (id, sha256, created, expires, max_uses, description) VALUES (?, ?, ?, ?, ?, ?)',
  )
  const all = database.prepare(
    'SELECT id, created, expires, uses, max_uses, description, revoked FROM tokens ORDER BY created, id',
  )
  const revoke = database.prepare('UPDATE tokens SET revoked = coalesce(revoked, ?) WHERE id = ?')
  const find = database.prepare('SELECT sha256 FROM tokens WHERE id = ? AND revoked IS NULL AND expires > ?')
  return {
    create({ lifetime, maxUses, description }, now) {
      const id = letters(6)
      const secret = new Secret(letters(16))
      const expires = new Date(now.getTime() + lifetime * 1000)
      insert.run(id, secret.sha256(), now.toISOString(), expires.toISOString(), maxUses ?? null, description ?? null)
      return { id, token: formatCredential({ kind: 'bootstrap', id, secret }), expires }
    },
    list: () => all.all().map((row) => present<TokenRecord>(row)),
    revoke: (id, now) => revoke.run(now.toISOString(), id).changes > 0,
    opens(id, secret, now) {
      const row = find.get(id, now.toISOString()) as { sha256: string } | undefined
      return row !== undefined && secret.matches(row.sha256)
    },
  }
}

function letters(count: number): string {
  return Array.from({ length: count }, () => LETTERS[randomInt(LETTERS.length)]).join('')
}
