import { existsSync, readFileSync, statSync } from 'node:fs'
import { Secret } from '../../contract/secret.ts'
import { writeBeside } from '../../host-server/pki/write-beside.ts'
import { Refusal } from '../refusal.ts'

/**
 * Passwords of database users, one `NAME:PASSWORD` a line. Users that the file does not have are given a password, and written into it: whole or
 * not at all, mode 0600.
 * @returns of every one of the users
 * @throws Refusal when the file can be read by others, or is none
 */
export function passwordsIn(file: string, users: readonly string[]): Map<string, Secret> {
  const known = existsSync(file) ? read(file) : new Map<string, Secret>()
  const missing = users.filter((user) => !known.has(user))
  for (const user of missing) known.set(user, Secret.random())
  if (missing.length > 0) writeBeside(file, [...known].map(([user, password]) => `${user}:${password.reveal()}\n`).join(''))
  return new Map(users.map((user) => [user, known.get(user)!]))
}

function read(file: string): Map<string, Secret> {
  const mode = statSync(file).mode & 0o777
  if ((mode & 0o077) !== 0) throw new Refusal(`${file} can be read by others (mode 0${mode.toString(8)}), and passwords stand in it.\n  chmod 600 ${file}`)
  const lines = readFileSync(file, 'utf8').split('\n').filter((line) => line.trim() !== '')
  return new Map(
    lines.map((line, at) => {
      const colon = line.indexOf(':')
      if (colon < 1 || colon === line.length - 1) throw new Refusal(`${file}, line ${at + 1}: expected NAME:PASSWORD`)
      return [line.slice(0, colon), new Secret(line.slice(colon + 1))]
    }),
  )
}
