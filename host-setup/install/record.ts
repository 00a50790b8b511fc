import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { writeBeside } from '../../host-server/pki/write-beside.ts'
import { HostError } from '../host-error.ts'

/** What install made, so that uninstall takes that away and nothing else. Written before the work, so that it is never less than what is there. */
export const InstallRecord = Type.Object({
  version: Type.Literal(1),
  prefix: Type.String(),
  user: Type.String(),
  /** Digests by path: more than one while an older file may still lie there. */
  files: Type.Record(Type.String(), Type.Array(Type.String())),
  /** Folders that were not there before. */
  folders: Type.Array(Type.String()),
  /** The user and its group were not there before. */
  made_user: Type.Boolean(),
})
export type InstallRecord = Type.Static<typeof InstallRecord>

/** @returns undefined where nothing was installed @throws HostError where the record cannot be understood */
export function readRecord(path: string): InstallRecord | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'))
    if (Value.Check(InstallRecord, value)) return value
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    if (!(error instanceof SyntaxError)) throw new HostError(`${path} cannot be read: ${(error as Error).message}`, 'usage', { cause: error })
  }
  throw new HostError(`${path} is no record of an installation that this version understands; it was written by another, or is damaged.`)
}

/** @param record undefined: there is nothing any more */
export function writeRecord(path: string, record: InstallRecord | undefined): void {
  if (record === undefined) return rmSync(path, { force: true })
  mkdirSync(dirname(path), { recursive: true, mode: 0o755 })
  writeBeside(path, `${JSON.stringify(record)}\n`, 0o644)
}
