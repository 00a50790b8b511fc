import { symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Change } from './change.ts'
import { renderCommands, type Standing } from './debugfs-commands.ts'
import { ExtTree, ONLY_VERSION } from './ext-tree.ts'
import { checkFileSystem, prepareFileSystem } from './ext-checks.ts'
import { choosePartition } from './choose-root.ts'
import { readBack } from './read-back.ts'
import { BuildFailure, ImageRefusal } from './refusal.ts'
import { runTool, said } from './run-tool.ts'
import { realPath } from './tree.ts'
import type { Disk, Root, Way } from './way.ts'

/**
 * ext2/3/4 on a raw copy through e2fsprogs: no mount, no root, no appliance. debugfs reports no failure by its exit code,
 * overwrites under a dirty journal and is not crash safe; so it works on a copy, between e2fsck before and after, and
 * every change is read back.
 */
export const directExt: Way = {
  async open(disk) {
    const partition = await choosePartition(disk)
    const device = `${disk.file}?offset=${partition.offset}`
    const space = await prepareFileSystem(disk, device, partition)
    const description = partition.number === 0 ? 'the whole disk, ext' : `partition ${partition.number}, ext`
    return { tree: new ExtTree(disk, device), description, device, ...space }
  },

  async change(disk, root, changes) {
    const standing = await standingOf(disk, root, changes)
    const ran = await runTool('debugfs', ['-w', '-f', '-', root.device], { cwd: disk.folder, signal: disk.signal, input: renderCommands(standing), seconds: 300 })
    if (ran.code !== 0 || !ONLY_VERSION.test(ran.stderr)) throw new BuildFailure(`writing into the image failed: ${said(ran)}`)
    await checkFileSystem(disk, root.device)
    await readBack(new ExtTree(disk, root.device), standing)
  },
}

async function standingOf(disk: Disk, root: Root, changes: readonly Change[]): Promise<Standing[]> {
  await root.tree.prime(changes.map(({ path }) => path))
  const made = new Set<string>()
  const standing: Standing[] = []
  for (const [index, change] of changes.entries()) {
    const path = await whereTo(root, change)
    const node = await root.tree.lstat(path)
    if (node?.hasAttributeBlock && node.type !== 'folder' && change.kind !== 'folder') {
      throw new ImageRefusal(`${path} has extended attributes in a block of their own; the direct way cannot replace such a file. Remove them in the image: setfattr -x, setfacl -b`)
    }
    const exists = made.has(path) ? 'folder' : node === undefined ? 'nothing' : node.type === 'folder' ? 'folder' : 'thing'
    if ((change.kind === 'folder') !== (exists === 'folder') && exists !== 'nothing') {
      throw new ImageRefusal(`${path} in the image is ${exists === 'folder' ? 'a folder' : 'no folder'}; expected ${change.kind === 'folder' ? 'a folder' : 'a file'} there`)
    }
    if (change.kind === 'folder') made.add(path)
    if (change.kind !== 'file' && change.kind !== 'edit') standing.push({ change, path, exists })
    else standing.push({ change, path, exists, source: await sourceOf(disk, change.content, index) })
  }
  return standing
}

/** Folders on the way are followed through the image's links; a last link is followed only where the image's own file is edited or a folder is meant. */
async function whereTo(root: Root, change: Change): Promise<string> {
  const follow = change.kind === 'edit' || change.kind === 'folder'
  const cut = change.path.lastIndexOf('/')
  const folder = follow ? undefined : await realPath(root.tree, change.path.slice(0, cut), true)
  const path = follow ? await realPath(root.tree, change.path, true) : `${folder === '/' ? '' : folder}${change.path.slice(cut)}`
  if (path === undefined || path.includes('/../')) throw new ImageRefusal(`${change.path} in the image leads in circles`)
  return path
}

async function sourceOf(disk: Disk, content: Extract<Change, { kind: 'file' }>['content'], index: number): Promise<string> {
  const name = `source-${index}`
  if ('text' in content) await writeFile(join(disk.folder, name), content.text, { mode: 0o600 })
  else await symlink(content.hostFile, join(disk.folder, name))
  return name
}
