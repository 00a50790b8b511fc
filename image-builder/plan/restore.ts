import type { Change } from '../change.ts'
import { ImageRefusal } from '../refusal.ts'
import type { Tree } from '../tree.ts'
import type { Put } from './build-record.ts'
import { ORIGINAL_LIMIT } from './own-folders.ts'
import { realPlace } from './real-place.ts'
import type { Undone } from './undo.ts'

/**
 * Takes one file or link out, or puts back what stood there.
 * @param own lies in a folder of nobody's but ours: nobody is told what happened to it
 */
export async function restore(tree: Tree, put: Put, own: boolean): Promise<Undone> {
  const { path, before } = put
  const node = await tree.lstat(path)
  const place = before?.kind === 'file' ? await realPlace(tree, before.saved) : undefined
  const saved: Change[] = place === undefined ? [] : [{ kind: 'remove', path: place, note: 'put back' }]
  if (node?.type === 'folder') return { changes: saved, warnings: [`${path} is a folder by now and stays in the image; the builder had put a ${put.kind} there`] }
  const warnings = own || !node || (await isAsPut(tree, put)) ? [] : [`${path} was altered since the build; the alteration is lost${before ? ', what stood there before the build comes back' : ''}`]
  if (before?.kind === 'link') return { changes: [{ kind: 'link', path, target: before.target, note: 'as before' }], warnings }
  if (before?.kind === 'file') {
    const original = place === undefined ? undefined : await tree.lstat(place)
    if (place === undefined || original?.type !== 'file') return { changes: [{ kind: 'remove', path, note: 'ours' }], warnings: [`${path} cannot be put back: ${before.saved} is missing`] }
    if (original.size > ORIGINAL_LIMIT) throw new ImageRefusal(`${before.saved} in the image has ${original.size} bytes; the builder puts nothing aside that has more than ${ORIGINAL_LIMIT}`)
    const { mode, uid, gid } = before
    const content = { bytes: await tree.read(place, original.size), secret: true }
    return { changes: [{ kind: 'file', path, mode, uid, gid, content, note: 'as before' }, ...saved], warnings }
  }
  return { changes: [{ kind: 'remove', path, note: 'ours' }], warnings }
}

async function isAsPut(tree: Tree, { path, kind, sha256, target }: Put): Promise<boolean> {
  const node = await tree.lstat(path)
  if (node?.type !== kind) return false
  return kind === 'link' ? node.target === target : (await tree.digest(path)) === sha256
}
