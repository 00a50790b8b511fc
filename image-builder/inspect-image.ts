import { tmpdir } from 'node:os'
import { basename, resolve } from 'node:path'
import { Value } from 'typebox/value'
import { GUEST, UNITS } from '../contract/paths.ts'
import { examineBase } from './base-image.ts'
import { BuildRecord } from './build-record.ts'
import { choosePartition } from './choose-root.ts'
import { ExtTree } from './ext-tree.ts'
import { ImageRefusal } from './refusal.ts'
import { readText, realPath, stat, type Tree } from './tree.ts'
import { unpack } from './unpack.ts'
import { workFolder } from './work-folder.ts'

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
export async function inspectImage(image: string, signal?: AbortSignal): Promise<Inspection> {
  await using work = await workFolder(tmpdir())
  const disk = await unpack(await examineBase(resolve(image), work.path, signal), work.path, signal)
  const partition = await choosePartition(disk)
  const tree = new ExtTree(disk, `${disk.file}?offset=${partition.offset}`)
  const record = await readRecord(tree, image)
  await tree.prime(record.files.map(({ path }) => path))
  return {
    image: basename(image),
    record,
    enabled: (await stat(tree, `/etc/systemd/system/multi-user.target.wants/${UNITS.guest}`)) !== undefined,
    altered: await alterations(tree, record),
  }
}

async function readRecord(tree: Tree, image: string): Promise<BuildRecord> {
  const text = await readText(tree, GUEST.buildRecord, 4 * 2 ** 20)
  if (text === undefined) throw new ImageRefusal(`${image} has nothing of ours in it: there is no ${GUEST.buildRecord}. Type: trovestrap image build ${image} -o OUT`)
  try {
    return Value.Parse(BuildRecord, JSON.parse(text))
  } catch (cause) {
    throw new ImageRefusal(`${image} has a ${GUEST.buildRecord} that is not of the form this version writes; build the image again`, { cause })
  }
}

async function alterations(tree: ExtTree, record: BuildRecord): Promise<{ path: string; how: string }[]> {
  const found: { path: string; how: string }[] = []
  for (const file of record.files) {
    const real = await realPath(tree, file.path)
    const node = real === undefined ? undefined : await tree.lstat(real)
    const how = !node
      ? 'is missing'
      : node.type !== 'file'
        ? 'is no file any more'
        : node.mode !== file.mode || node.uid !== file.uid || node.gid !== file.gid
          ? `is ${node.mode.toString(8)} ${node.uid}:${node.gid}, was ${file.mode.toString(8)} ${file.uid}:${file.gid}`
          : (await tree.digest(real!, node.size)) !== file.sha256
            ? 'has other content'
            : undefined
    if (how !== undefined) found.push({ path: file.path, how })
  }
  for (const link of record.links) {
    const cut = link.path.lastIndexOf('/')
    const folder = await realPath(tree, link.path.slice(0, cut))
    const node = folder === undefined ? undefined : await tree.lstat(`${folder}${link.path.slice(cut)}`)
    if (node?.target !== link.target) found.push({ path: link.path, how: node ? `leads to ${node.target ?? 'nothing'}, was ${link.target}` : 'is missing' })
  }
  return found
}
