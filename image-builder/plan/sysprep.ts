import type { Change } from '../change.ts'
import type { Tree } from '../tree.ts'

/** Takes out what belongs to one machine and not to an image. @throws ImageRefusal when that is more than an image has to clear */
export async function planSysprep(tree: Tree): Promise<Change[]> {
  void tree
  return []
}
