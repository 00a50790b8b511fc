import { createHash } from 'node:crypto'
import type { Attributes, Tree, TreeNode } from '../tree.ts'
import { damaged } from './damaged.ts'
import type { ExtFileSystem } from './file-system.ts'
import { isShortLink, typeOf, type Inode } from './inode.ts'

const ROOT = 2
const LONGEST_TARGET = 4096

/** The files of an ext2/3/4 file system. Its methods throw ImageRefusal where the file system contradicts itself. */
export function extTree(files: ExtFileSystem): ExtTree {
  return {
    async lstat(path) {
      const inode = await inodeAt(files, path)
      return inode && (await nodeOf(files, inode))
    },
    async list(path) {
      const inode = await inodeAt(files, path)
      return inode && typeOf(inode) === 'folder' ? [...(await files.folder(inode)).keys()].sort() : []
    },
    async read(path, limit) {
      const parts: Buffer[] = []
      for await (const piece of files.content(await existing(files, path), limit)) parts.push(piece)
      return Buffer.concat(parts)
    },
    async digest(path) {
      const hash = createHash('sha256')
      for await (const piece of files.content(await existing(files, path))) hash.update(piece)
      return hash.digest('hex')
    },
    async attributes(path) {
      return await files.attributes(await existing(files, path))
    },
    async inode(path) {
      return await inodeAt(files, path)
    },
  }
}

export interface ExtTree extends Tree {
  inode(path: string): Promise<Inode | undefined>
  attributes(path: string): Promise<Attributes>
}

async function inodeAt(files: ExtFileSystem, path: string): Promise<Inode | undefined> {
  let inode = await files.inode(ROOT)
  for (const name of path.split('/').filter((part) => part !== '')) {
    if (typeOf(inode) !== 'folder') return undefined
    const number = (await files.folder(inode)).get(name)
    if (number === undefined) return undefined
    const below = await files.inode(number)
    if (below.links === 0 || below.mode === 0) throw damaged(`${path} leads to an inode that nobody uses (${number})`)
    // A folder lies in one place, or those who walk through the tree would walk in circles.
    if (typeOf(below) === 'folder' && (number === ROOT || !(await files.liesOnlyIn(below, inode)))) throw damaged(`the folder in inode ${number} has more than one name`)
    inode = below
  }
  return inode
}

async function existing(files: ExtFileSystem, path: string): Promise<Inode> {
  const inode = await inodeAt(files, path)
  if (!inode) throw damaged(`${path} is gone`)
  return inode
}

async function nodeOf(files: ExtFileSystem, inode: Inode): Promise<TreeNode> {
  const { mode, uid, gid, size, mtime, links } = inode
  const type = typeOf(inode)
  const node = { type, mode: mode & 0o7777, uid, gid, size, mtime, links }
  return type === 'link' ? { ...node, target: await targetOf(files, inode) } : node
}

async function targetOf(files: ExtFileSystem, inode: Inode): Promise<string> {
  if (isShortLink(inode)) return inode.map.toString('utf8', 0, inode.size)
  const parts: Buffer[] = []
  for await (const piece of files.content(inode, LONGEST_TARGET)) parts.push(piece)
  return Buffer.concat(parts).toString('utf8')
}
