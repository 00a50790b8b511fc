import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { Type, type Static } from 'typebox'
import { Value } from 'typebox/value'

const PartRecord = Type.Object({ url: Type.String(), validator: Type.Optional(Type.String()), total: Type.Optional(Type.Number()) })

/** What the bytes in a .part file are of. */
export type PartRecord = Static<typeof PartRecord>

/** A transfer that is not whole yet, beside the file that it is going to be. */
export interface Part {
  readonly path: string
  readonly record: string
}

export function partOf(out: string): Part {
  return { path: `${out}.part`, record: `${out}.part.json` }
}

/**
 * Bytes that are there already and can be gone on with.
 * @param url of this run; bytes of another address are of no use
 */
export async function standing(part: Part, url: string): Promise<{ readonly bytes: number; readonly record: PartRecord } | undefined> {
  const record = await readFile(part.record, 'utf8').then((text): unknown => JSON.parse(text)).catch(() => undefined)
  const bytes = await stat(part.path).then(({ size }) => size).catch(() => 0)
  if (bytes === 0 || !Value.Check(PartRecord, record) || record.url !== url || record.validator === undefined) return undefined
  return { bytes, record }
}

/** Whole or not at all: a record of half a line would be taken for none. */
export async function remember(part: Part, record: PartRecord): Promise<void> {
  await writeFile(`${part.record}.new`, JSON.stringify(record))
  await rename(`${part.record}.new`, part.record)
}

export async function drop(part: Part): Promise<void> {
  await rm(part.path, { force: true })
  await rm(part.record, { force: true })
}
