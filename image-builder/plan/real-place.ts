import { realPath, type Tree } from '../tree.ts'

/** The path with the links above it followed; one at the end is what is meant. undefined when it leads nowhere. */
export async function realPlace(tree: Tree, path: string): Promise<string | undefined> {
  const cut = path.lastIndexOf('/')
  const real = await realPath(tree, path.slice(0, cut) || '/')
  return real === undefined ? undefined : `${real === '/' ? '' : real}${path.slice(cut)}`
}
