import { symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Change, Content } from '../change.ts'
import type { ExtTree } from '../ext/ext-tree.ts'
import type { Inode } from '../ext/inode.ts'
import { NotThisWay } from '../refusal.ts'
import { placeChanges, type Placed } from '../where-to.ts'

/** What stands at the path now decides between making and replacing. */
export interface Standing extends Placed {
  readonly exists: 'nothing' | 'folder' | 'thing'
  /** Name of a file in the work folder that holds the content. */
  readonly source?: string
  /** What an edited file keeps, each value in a file of the work folder. */
  readonly attributes: readonly { readonly attribute: string; readonly file: string }[]
}

/** Looks where each change goes, and lays its content ready. @throws NotThisWay for what debugfs does not take away cleanly, before anything is written */
export async function standingOf(tree: ExtTree, changes: readonly Change[], folder: string): Promise<Standing[]> {
  const standing: Standing[] = []
  for (const [index, placed] of (await placeChanges(tree, changes)).entries()) {
    const { change, path, node, made } = placed
    const exists = made || node?.type === 'folder' ? 'folder' : node === undefined ? 'nothing' : 'thing'
    const replaced = node !== undefined && change.kind !== 'folder'
    if (replaced && (await tree.inode(path))!.attributeBlock !== 0) throw new NotThisWay(`${path} has extended attributes in a block of their own, which debugfs would leak`)
    const content = change.kind === 'file' || change.kind === 'edit' ? { source: await layReady(folder, `source-${index}`, change.content) } : {}
    standing.push({ ...placed, exists, ...content, attributes: change.kind === 'edit' && replaced ? await kept(tree, path, folder, index) : [] })
  }
  return standing
}

/** Files that are gone when all of this is done: every one of their names is removed or replaced. */
export async function leavingInodes(tree: ExtTree, standing: readonly Standing[]): Promise<Inode[]> {
  const names = new Map<number, { inode: Inode; count: number }>()
  for (const { change, path, exists } of standing) {
    if (exists !== 'thing' || change.kind === 'folder') continue
    const inode = (await tree.inode(path))!
    names.set(inode.number, { inode, count: (names.get(inode.number)?.count ?? 0) + 1 })
  }
  return [...names.values()].flatMap(({ inode, count }) => (count >= inode.links ? [inode] : []))
}

async function layReady(folder: string, name: string, content: Content): Promise<string> {
  if ('hostFile' in content) await symlink(content.hostFile, join(folder, name))
  else await writeFile(join(folder, name), 'text' in content ? content.text : content.bytes, { mode: 0o600 })
  return name
}

async function kept(tree: ExtTree, path: string, folder: string, index: number) {
  const found: { attribute: string; file: string }[] = []
  for (const [attribute, value] of await tree.attributes(path)) {
    const file = `source-${index}-${found.length}`
    await writeFile(join(folder, file), value, { mode: 0o600 })
    found.push({ attribute, file })
  }
  return found
}
