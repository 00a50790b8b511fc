import { digestOf, sizeOf } from './change.ts'
import { BuildFailure } from './refusal.ts'
import type { Attributes, Tree, TreeNode } from './tree.ts'
import type { Placed } from './where-to.ts'

/**
 * Compares every change with what is now in the image: a full file system leaves files of the right size with missing
 * content, and e2fsck finds nothing wrong with them.
 *
 * @param kept attributes that edited files had, by path
 * @throws BuildFailure
 */
export async function readBack(tree: Tree, placed: readonly Placed[], kept: ReadonlyMap<string, Attributes>): Promise<void> {
  const last = new Map(placed.map((each) => [each.path, each]))
  for (const each of last.values()) {
    const difference = await differenceOf(tree, each, await tree.lstat(each.path), kept.get(each.path))
    if (difference !== undefined) throw new BuildFailure(`${each.path} read back from the image differs: ${difference}`)
  }
}

async function differenceOf(tree: Tree, { change, path, node: before }: Placed, node: TreeNode | undefined, kept: Attributes | undefined): Promise<string | undefined> {
  if (change.kind === 'remove') return node && 'it is still there'
  if (!node) return 'it is not there'
  if (change.kind === 'link') return node.type === 'link' && node.target === change.target ? undefined : `expected a link to ${change.target}`
  const type = change.kind === 'folder' ? 'folder' : 'file'
  if (node.type !== type) return `expected a ${type}`
  if (change.kind === 'folder' && change.keep && before) return undefined
  for (const part of ['mode', 'uid', 'gid'] as const) {
    if (node[part] !== change[part]) return `${part} is ${node[part]}, expected ${change[part]}`
  }
  if (change.kind === 'folder') return undefined
  const size = sizeOf(change.content)
  if (node.size !== size) return `it has ${node.size} bytes, expected ${size}`
  if ((await tree.digest(path)) !== digestOf(change.content)) return 'its content is not what was written'
  if (change.kind === 'file') return undefined
  const now = await tree.attributes(path)
  const lost = [...(kept ?? [])].find(([name, value]) => !now.get(name)?.equals(value))
  return lost && `its attribute ${lost[0]} is lost`
}
