import { createHash } from 'node:crypto'
import { lines, type AccountFiles } from './accounts.ts'
import type { AddedAccount, BuildRecord } from './build-record.ts'

/**
 * Hex SHA-256 of all that was put in: paths, kinds, modes, owners, digests, targets, account lines and links taken out. Not of the date, the base
 * nor the record itself, so the same input gives the same digest.
 *
 * @param files as they are in the image then
 */
export function contentDigest({ put, accounts, removed }: Pick<BuildRecord, 'put' | 'accounts' | 'removed'>, files: AccountFiles): string {
  const things = [
    ...put.map(({ path, kind, mode, uid, gid, sha256, target }) => [kind, path, mode ?? null, uid ?? null, gid ?? null, sha256 ?? null, target ?? null]),
    ...accounts.map((account) => accountLine(account, files)),
    ...removed.map(({ path, target }) => ['removed', path, target]),
  ]
  return sha256(things.map((thing) => `${JSON.stringify(thing)}\n`).sort().join(''))
}

/** @returns 12 hex digits, the same for the same content on the same base */
export function buildId(content: string, base: string): string {
  return sha256(`${content} ${base}`).slice(0, 12)
}

function accountLine({ kind, name, group }: AddedAccount, files: AccountFiles): unknown[] {
  const fieldsOf = (text: string): string[] => lines(text).find(([first]) => first === name) ?? []
  if (kind === 'member') return [kind, name, group]
  if (kind === 'group') return [kind, ...fieldsOf(files.group.text).slice(0, 3)]
  return [kind, ...fieldsOf(files.passwd.text), sha256(fieldsOf(files.shadow.text)[1] ?? '')]
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
