import { basename } from 'node:path'
import { GUEST, UNITS } from '../contract/paths.ts'
import { openForReading, type ReadingOptions } from './open-image.ts'
import type { BuildRecord, Put } from './plan/build-record.ts'
import { readRecord } from './plan/read-record.ts'
import { ImageRefusal } from './refusal.ts'
import { stat, type Tree } from './tree.ts'

export interface Inspection {
  readonly image: string
  readonly record: BuildRecord
  /** Whether systemd starts the daemon at boot. */
  readonly enabled: boolean
  /** What is no longer as it was put in; empty when nothing was touched since the build. */
  readonly altered: readonly { readonly path: string; readonly how: string }[]
}

/**
 * What the builder put into an image, and whether it is still like that. Reads the image only, and never shows a secret.
 * @throws ImageRefusal when nothing of ours is in it
 */
export async function inspectImage(image: string, options: ReadingOptions = {}): Promise<Inspection> {
  await using opened = await openForReading(image, options)
  const { tree } = opened
  const record = await readRecord(tree)
  if (!record) throw new ImageRefusal(`${image} has nothing of ours in it: there is no ${GUEST.buildRecord}. Type: trovestrap image build ${image} -o OUT`)
  return {
    image: basename(image),
    record,
    enabled: (await stat(tree, `/etc/systemd/system/multi-user.target.wants/${UNITS.guest}`)) !== undefined,
    altered: await alterations(tree, record),
  }
}

async function alterations(tree: Tree, { put }: BuildRecord): Promise<{ path: string; how: string }[]> {
  const found: { path: string; how: string }[] = []
  for (const each of put) {
    const how = await alteration(tree, each)
    if (how !== undefined) found.push({ path: each.path, how })
  }
  return found
}

async function alteration(tree: Tree, { path, kind, mode, uid, gid, sha256, target }: Put): Promise<string | undefined> {
  const node = await tree.lstat(path)
  if (!node) return 'is missing'
  if (node.type !== kind) return `is no ${kind} any more`
  if (kind === 'link') return node.target === target ? undefined : `leads to ${node.target ?? 'nothing'}, was ${target}`
  if (node.mode !== mode || node.uid !== uid || node.gid !== gid) return `is ${octal(node.mode)} ${node.uid}:${node.gid}, was ${octal(mode ?? 0)} ${uid}:${gid}`
  return kind === 'file' && (await tree.digest(path)) !== sha256 ? 'has other content' : undefined
}

const octal = (mode: number): string => mode.toString(8).padStart(4, '0')
