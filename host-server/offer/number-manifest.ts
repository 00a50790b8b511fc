import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import type { Manifest, SignedManifest } from '../../contract/manifest.ts'
import { writeBeside } from '../pki/write-beside.ts'

/** What was signed last. */
const Last = Type.Object({
  /** Hex SHA-256 of the key's id and the manifest, without what is given here. */
  digest: Type.String(),
  serial: Type.Integer(),
  created: Type.String(),
})

/**
 * Gives a manifest its serial: larger than any before, and at least the time in Unix seconds, so that it also grows where the file was
 * lost. What was numbered last keeps serial and time, through a restart too: the same tree is then the same bytes, and a guest that has
 * it gets a 304. The number is on disk before anybody sees it.
 *
 * @param file where the last number is kept
 * @param key id of the key that is going to sign: another one makes another manifest
 */
export function numberManifest(file: string, manifest: Manifest, key: string, now: Date): SignedManifest {
  const last = readLast(file)
  const digest = createHash('sha256').update(JSON.stringify([key, { ...manifest, created: '' }])).digest('hex')
  if (last?.digest === digest) return { ...manifest, created: last.created, serial: last.serial }
  const serial = Math.max((last?.serial ?? 0) + 1, Math.floor(now.getTime() / 1000))
  writeBeside(file, `${JSON.stringify({ digest, serial, created: manifest.created })}\n`)
  return { ...manifest, serial }
}

/** One that cannot be read counts as none: the time in the serial keeps it from going back. */
function readLast(file: string): Type.Static<typeof Last> | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'))
    return Value.Check(Last, value) ? value : undefined
  } catch {
    return undefined
  }
}
