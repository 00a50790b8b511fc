import type { Change } from '../change.ts'
import { ImageRefusal } from '../refusal.ts'
import { realPath, type Tree } from '../tree.ts'

/**
 * Changes with their real paths: links above them are followed inside the image, links at the end of folders and edits too. Folders that are
 * missing above them are made, folders that are there already and are to be kept as they are fall out.
 * @throws ImageRefusal when a path cannot be
 */
export async function settle(tree: Tree, changes: readonly Change[]): Promise<Change[]> {
  const done: Change[] = []
  const made = new Set<string>()
  const known = new Map<string, string | undefined>()
  const real = async (path: string): Promise<string | undefined> => {
    if (!known.has(path)) known.set(path, await realPath(tree, path, true))
    return known.get(path)
  }
  for (const change of changes) {
    const path = await realOf(real, change)
    for (const folder of above(path)) {
      if (made.has(folder)) continue
      made.add(folder)
      const node = await tree.lstat(folder)
      if (node?.type === 'folder') continue
      if (node) throw new ImageRefusal(`${folder} in the image is a ${node.type}, where a folder is needed for ${change.path}`)
      done.push({ kind: 'folder', path: folder, mode: 0o755, uid: 0, gid: 0 })
    }
    if (change.kind === 'folder') {
      const again = made.has(path)
      made.add(path)
      const node = await tree.lstat(path)
      if (node && node.type !== 'folder') throw new ImageRefusal(`${change.path} in the image is or leads to a ${node.type} (${path}), where a folder is needed`)
      if (change.keep && (again || node)) continue
      const { keep: _, ...plain } = change
      done.push({ ...plain, path })
      continue
    }
    done.push({ ...change, path })
  }
  return done
}

async function realOf(real: (path: string) => Promise<string | undefined>, change: Change): Promise<string> {
  const cut = change.path.lastIndexOf('/')
  const whole = change.kind === 'folder' || change.kind === 'edit'
  const found = await real(whole ? change.path : change.path.slice(0, cut))
  if (found === undefined) throw new ImageRefusal(`${change.path} leads nowhere in the image: the links above it go in a circle`)
  return whole ? found : `${found === '/' ? '' : found}${change.path.slice(cut)}`
}

/** `/a`, `/a/b` of `/a/b/c`. */
function above(path: string): string[] {
  const parts = path.split('/').slice(1, -1)
  return parts.map((_, index) => `/${parts.slice(0, index + 1).join('/')}`)
}
