import { Value } from 'typebox/value'
import { GUEST } from '../../contract/paths.ts'
import { ImageRefusal } from '../refusal.ts'
import { readText, type Tree } from '../tree.ts'
import { BuildRecord } from './build-record.ts'
import { BEFORE } from './own-folders.ts'

const LIMIT = 64 * 2 ** 20

/**
 * What the builder wrote down in this image.
 * @returns undefined when nothing of ours is in it
 * @throws ImageRefusal when it cannot be relied on
 */
export async function readRecord(tree: Tree): Promise<BuildRecord | undefined> {
  const text = await readText(tree, GUEST.buildRecord, LIMIT)
  if (text === undefined) return undefined
  const value = parsed(text)
  if (value !== null && typeof value === 'object' && 'format' in value && value.format === 1) throw new ImageRefusal('the image was built by an older version; start from the base image')
  if (!Value.Check(BuildRecord, value) || value.put.some(({ before }) => before?.kind === 'file' && !before.saved.startsWith(`${BEFORE}/`))) {
    throw new ImageRefusal(`the image has a ${GUEST.buildRecord} that is not of the form this version writes; start from the base image`)
  }
  return value
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
