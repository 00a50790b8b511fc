import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { sizeOf, type Change } from '../change.ts'
import { readBack } from '../read-back.ts'
import { BuildFailure } from '../refusal.ts'
import type { Attributes } from '../tree.ts'
import type { Say, WorkImage } from '../way.ts'
import { placeChanges, type Placed } from '../where-to.ts'
import type { ApplianceTree } from './appliance-tree.ts'
import { CommandFailed, type Guestfish } from './guestfish.ts'
import { writeTar, type Member } from './tar.ts'

const ARCHIVE = 'changes.tar'
const INHERITED = ['system.posix_acl_access', 'system.posix_acl_default']

/**
 * Makes the changes in the mounted file systems and reads each of them back from the disk. All that is new goes in as one archive:
 * tar makes a new inode for each, and a question to the appliance costs milliseconds. Edited files are written beside the old ones
 * and renamed over them once they have their attributes.
 *
 * @throws ImageRefusal before anything was written, BuildFailure afterwards
 */
export async function writeChanges(guestfish: Guestfish, image: WorkImage, tree: ApplianceTree, changes: readonly Change[], say: Say): Promise<void> {
  const placed = await placeChanges(tree, changes)
  const kept = await attributesOf(tree, placed)
  const beside = new Map(placed.flatMap(({ change, path, node }, index) => (change.kind === 'edit' && node ? [[path, `${path.slice(0, path.lastIndexOf('/'))}/.trovestrap-edit-${index}`]] : [])))
  try {
    for (const { change, path, node } of placed) if (change.kind === 'remove' && node) await guestfish.ask(node.type === 'folder' ? 'rmdir' : 'rm', path)
    await writeArchive(guestfish, image, placed, beside, say)
    tree.forget()
    for (const each of placed) await finish(guestfish, tree, each, beside.get(each.path))
    say('reading back')
    await guestfish.ask('sync')
    await guestfish.ask('drop-caches', '3')
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error
    throw new BuildFailure(`writing into the image failed: ${error.message.split('\n')[0]!.slice(0, 300)}`, { cause: error })
  }
  tree.forget()
  await readBack(tree, placed, kept)
}

async function writeArchive(guestfish: Guestfish, image: WorkImage, placed: readonly Placed[], beside: ReadonlyMap<string, string>, say: Say): Promise<void> {
  const members = placed.flatMap((each) => memberOf(each, beside.get(each.path)))
  if (members.length === 0) return
  const bytes = members.reduce((sum, member) => sum + (member.type === 'file' ? sizeOf(member.content) : 0), 0)
  say(`writing ${members.length} files, ${Math.ceil(bytes / 1e6)} MB`)
  const file = join(image.folder, ARCHIVE)
  try {
    await writeTar(file, members, Math.floor(Date.now() / 1000))
    await guestfish.ask('tar-in', ARCHIVE, '/')
  } finally {
    await rm(file, { force: true })
  }
}

function memberOf({ change, path, node, made }: Placed, beside: string | undefined): Member[] {
  switch (change.kind) {
    case 'folder':
      return change.keep && (node || made) ? [] : [{ type: 'folder', path, mode: change.mode, uid: change.uid, gid: change.gid }]
    case 'file':
    case 'edit':
      return [{ type: 'file', path: beside ?? path, mode: change.mode, uid: change.uid, gid: change.gid, content: change.content }]
    case 'link':
      return [{ type: 'link', path, target: change.target }]
    case 'remove':
      return []
  }
}

/** Gives an edited file the attributes of the old one, and takes from new files what their folder's default ACL gave them. */
async function finish(guestfish: Guestfish, tree: ApplianceTree, { change, path, node }: Placed, beside: string | undefined): Promise<void> {
  if (change.kind === 'link' || change.kind === 'remove' || (change.kind === 'folder' && node)) return
  const file = beside ?? path
  const inherited = [...(await tree.attributes(file)).keys()].filter((name) => INHERITED.includes(name))
  for (const name of inherited) await guestfish.ask('lremovexattr', name, file)
  if (beside !== undefined) await guestfish.ask('copy-attributes', path, beside, 'xattributes:true')
  // An ACL's mask is the group's part of the mode, so setting or taking one may have changed that.
  if (beside !== undefined || inherited.length > 0) await guestfish.ask('chmod', `0${change.mode.toString(8)}`, file)
  if (beside !== undefined) await guestfish.ask('rename', beside, path)
}

async function attributesOf(tree: ApplianceTree, placed: readonly Placed[]): Promise<ReadonlyMap<string, Attributes>> {
  const kept = new Map<string, Attributes>()
  for (const { change, path, node } of placed) if (change.kind === 'edit' && node) kept.set(path, await tree.attributes(path))
  return kept
}
