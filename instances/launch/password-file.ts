import { readFileSync, statSync } from 'node:fs'
import { getSystemErrorMessage } from 'node:util'
import { Secret } from '../../contract/secret.ts'
import { writeBeside } from '../../host-server/pki/write-beside.ts'
import { Refusal } from '../refusal.ts'

/**
 * Passwords of database users, one `NAME:PASSWORD` a line. Users that the file does not have are given a password, and written into it: whole or
 * not at all, mode 0600.
 * @returns of every one of the users
 * @throws Refusal when the file can be read by others, is none, or has a password that Trove does not take
 */
export function passwordsIn(file: string, users: readonly string[]): Map<string, Secret> {
  const known = system(file, 'read', () => read(file))
  const missing = users.filter((user) => !known.has(user))
  for (const user of missing) known.set(user, Secret.random())
  if (missing.length > 0) system(file, 'written', () => writeBeside(file, [...known].map(([user, password]) => `${user}:${password.reveal()}\n`).join('')))
  return new Map(users.map((user) => [user, known.get(user)!]))
}

/** Trove's own rule (apischema.py, non_empty_string); it would show the password in its refusal. */
export function isPassword(password: Secret): boolean {
  const text = password.reveal()
  return /[0-9a-zA-Z]/.test(text) && text.length <= LONGEST
}

const LONGEST = 255

function read(file: string): Map<string, Secret> {
  const info = statSync(file, { throwIfNoEntry: false })
  if (info === undefined) return new Map()
  if (!info.isFile()) throw new Refusal(`${file} is no file; expected one with NAME:PASSWORD a line, mode 0600`)
  const mode = info.mode & 0o777
  if ((mode & 0o077) !== 0) throw new Refusal(`${file} can be read by others (mode 0${mode.toString(8)}), and passwords stand in it.\n  chmod 600 ${file}`)
  const lines = readFileSync(file, 'utf8').split(/\r?\n/).filter((line) => line.trim() !== '')
  return new Map(
    lines.map((line, at) => {
      const colon = line.indexOf(':')
      if (colon < 1 || colon === line.length - 1) throw new Refusal(`${file}, line ${at + 1}: expected NAME:PASSWORD`)
      const password = new Secret(line.slice(colon + 1))
      if (!isPassword(password)) throw new Refusal(`${file}, line ${at + 1}: Trove takes no password without a letter or a digit, and none of more than ${LONGEST} characters`)
      return [line.slice(0, colon), password]
    }),
  )
}

function system<T>(file: string, done: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    const { errno } = error as NodeJS.ErrnoException
    if (errno === undefined) throw error
    throw new Refusal(`${file} cannot be ${done}: ${getSystemErrorMessage(errno)}`, 'usage', { cause: error })
  }
}
