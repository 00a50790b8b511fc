import { basename } from 'node:path'
import { GUEST } from '../../contract/paths.ts'
import type { Change } from '../change.ts'
import { realPath, walk, type Tree } from '../tree.ts'
import { accountEdits } from './account-edits.ts'
import type { BuildRecord, Part, Put } from './build-record.ts'
import { compose } from './compose.ts'
import { BEFORE, LEFT_BY_DAEMON, OWN_FOLDERS } from './own-folders.ts'
import { overlayTree } from './overlay-tree.ts'
import { realPlace } from './real-place.ts'
import { restore } from './restore.ts'
import { accountsOf } from './survey.ts'
import { takeOutAccounts } from './take-out-accounts.ts'

export interface Undone {
  readonly changes: readonly Change[]
  readonly warnings: readonly string[]
}

interface UndoOptions {
  /** Takes this one out alone; all of them, with what the daemon left, when left out. */
  readonly part?: Part
  /** The debug user stays somebody: account and home are not touched, what we put into the home is. */
  readonly keepDebugUser?: boolean
}

/**
 * Takes out of an image what a build put in, and puts back what stood there before. What somebody altered since is taken out all the same, with a
 * warning: half of our files would be worse than none. What others put into folders of ours stays, unless the folder is nobody's but ours.
 *
 * @returns with real paths, each once; nothing else of the image changes but a missing line end at the end of an account file
 */
export async function undo(tree: Tree, record: BuildRecord, options: UndoOptions = {}): Promise<Undone> {
  const { part, keepDebugUser = false } = options
  const { put, warnings } = await whereNow(tree, record.put.filter((one) => part === undefined || one.part === part))
  const own = await ownFolders(tree, put, record, options)
  const changes: Change[] = []
  for (const folder of own) changes.push(...(await withContents(tree, folder)))
  for (const one of put.filter(({ kind }) => kind !== 'folder')) {
    const back = await restore(tree, one, own.some((folder) => one.path.startsWith(`${folder}/`)))
    changes.push(...back.changes)
    warnings.push(...back.warnings)
  }
  for (const { path, target } of record.removed.filter((link) => part === undefined || link.part === part)) {
    const place = await realPlace(tree, path)
    if (place !== undefined && !(await tree.lstat(place))) changes.push({ kind: 'link', path: place, target, note: 'was there before' })
  }
  if (part === undefined) changes.push(...(await leftByDaemon(tree, put)))
  const made = put.filter(({ kind, path }) => kind === 'folder' && !own.some((folder) => `${path}/`.startsWith(`${folder}/`)))
  const folders = keepDebugUser ? { changes: [], warnings: [] } : await foldersBack(overlayTree(tree, changes), made)
  const accounts = keepDebugUser ? { changes: [], warnings: [] } : await accountsBack(tree, record, part)
  return { changes: await compose(tree, [changes, folders.changes, accounts.changes]), warnings: [...warnings, ...folders.warnings, ...accounts.warnings] }
}

/** A folder above may have gone since, or a link have taken its place. */
async function whereNow(tree: Tree, put: readonly Put[]): Promise<{ put: Put[]; warnings: string[] }> {
  const folders = new Map<string, string | undefined>()
  const found: Put[] = []
  const warnings: string[] = []
  for (const one of put) {
    const cut = one.path.lastIndexOf('/')
    const above = one.path.slice(0, cut) || '/'
    if (!folders.has(above)) folders.set(above, await realPath(tree, above))
    const folder = folders.get(above)
    if (folder !== undefined) found.push({ ...one, path: `${folder === '/' ? '' : folder}${one.path.slice(cut)}` })
    else if (one.before && one.before.kind !== 'folder') warnings.push(`${one.path} cannot be put back: ${above} is missing`)
  }
  return { put: found, warnings }
}

/** Real paths of folders that go with all that is in them: those that did not stand there before us. */
async function ownFolders(tree: Tree, put: readonly Put[], record: BuildRecord, { part, keepDebugUser }: UndoOptions): Promise<string[]> {
  const own: string[] = []
  const folderAt = (path: string | undefined): Put | undefined => put.find((one) => one.kind === 'folder' && one.path === path)
  for (const path of part === undefined ? OWN_FOLDERS : []) {
    const known = folderAt(await realPath(tree, path))
    if (known && !known.before) own.push(known.path)
    if (known) continue
    // Where a link leads that the build knew nothing of is not ours to clear.
    const place = await realPlace(tree, path)
    if (place !== undefined && (await tree.lstat(place))?.type === 'folder') own.push(place)
  }
  const home = put.find(({ part, kind, path }) => part === 'debug' && kind === 'folder' && basename(path) === record.debug_user)
  return home && !home.before && !keepDebugUser ? [...own, home.path] : own
}

async function withContents(tree: Tree, path: string): Promise<Change[]> {
  const changes: Change[] = [{ kind: 'remove', path, note: 'ours' }]
  for await (const below of walk(tree, path)) changes.push({ kind: 'remove', path: below.path, note: 'lies in a folder of ours' })
  return changes
}

async function leftByDaemon(tree: Tree, put: readonly Put[]): Promise<Change[]> {
  const places = await Promise.all([...LEFT_BY_DAEMON, GUEST.buildRecord].map((path) => realPlace(tree, path)))
  return places.flatMap((path) => (path === undefined || put.some((one) => one.path === path) ? [] : [{ kind: 'remove', path, note: 'ours' } satisfies Change]))
}

/** @param tree without our files */
async function foldersBack(tree: Tree, put: readonly Put[]): Promise<Undone> {
  const changes: Change[] = []
  const warnings: string[] = []
  const aside = (await realPlace(tree, BEFORE)) ?? BEFORE
  const deepestFirst = [...put, { path: aside, before: undefined }].sort((one, other) => (one.path < other.path ? 1 : -1))
  for (const { path, before } of deepestFirst) {
    const now = overlayTree(tree, changes)
    const node = await now.lstat(path)
    if (node?.type !== 'folder') continue
    if (before?.kind === 'folder') {
      const { mode, uid, gid } = before
      if (node.mode !== mode || node.uid !== uid || node.gid !== gid) changes.push({ kind: 'folder', path, mode, uid, gid, note: 'mode and owner as before' })
      continue
    }
    const names = await now.list(path)
    if (names.length === 0) changes.push({ kind: 'remove', path, note: 'ours' })
    else if (path !== aside) warnings.push(`${path} stays in the image: ${names.slice(0, 3).join(', ')}${names.length > 3 ? ` and ${names.length - 3} more` : ''} in it did not come from the builder`)
  }
  return { changes, warnings }
}

async function accountsBack(tree: Tree, record: BuildRecord, part: Part | undefined): Promise<Undone> {
  const files = await accountsOf(tree)
  const left = takeOutAccounts(files, record.accounts.filter((one) => part === undefined || one.part === part))
  return { changes: accountEdits(files, left.files), warnings: left.warnings }
}
