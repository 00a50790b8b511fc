import { createHash } from 'node:crypto'
import { sizeOf, type Content } from './change.ts'
import type { Standing } from './debugfs-commands.ts'
import type { ExtTree } from './ext-tree.ts'
import { BuildFailure } from './refusal.ts'
import type { TreeNode } from './tree.ts'

/**
 * Compares every change with what is now in the image: a full file system leaves files of the right size with missing
 * content, and e2fsck finds nothing wrong with them.
 *
 * @throws BuildFailure
 */
export async function readBack(tree: ExtTree, standing: readonly Standing[]): Promise<void> {
  const last = new Map(standing.map((each) => [each.path, each]))
  await tree.prime([...last.keys()])
  for (const each of last.values()) {
    const difference = await differenceOf(tree, each, await tree.lstat(each.path))
    if (difference !== undefined) throw new BuildFailure(`${each.path} read back from the image differs: ${difference}`)
  }
}

async function differenceOf(tree: ExtTree, { change, path, exists }: Standing, node: TreeNode | undefined): Promise<string | undefined> {
  if (change.kind === 'remove') return node && 'it is still there'
  if (!node) return 'it is not there'
  if (change.kind === 'link') return node.type === 'link' && node.target === change.target ? undefined : `expected a link to ${change.target}`
  const type = change.kind === 'folder' ? 'folder' : 'file'
  if (node.type !== type) return `expected a ${type}`
  if (change.kind === 'folder' && change.keep && exists === 'folder') return undefined
  for (const part of ['mode', 'uid', 'gid'] as const) {
    if (node[part] !== change[part]) return `${part} is ${node[part]}, expected ${change[part]}`
  }
  if (change.kind === 'folder') return undefined
  const size = sizeOf(change.content)
  if (node.size !== size) return `it has ${node.size} bytes, expected ${size}`
  return (await tree.digest(path, size)) === digestOf(change.content) ? undefined : 'its content is not what was written'
}

function digestOf(content: Content): string {
  return 'text' in content ? createHash('sha256').update(content.text).digest('hex') : content.sha256
}
