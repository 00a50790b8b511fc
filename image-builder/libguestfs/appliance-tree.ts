import { randomUUID } from 'node:crypto'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { BuildFailure, ImageRefusal } from '../refusal.ts'
import type { Attributes, Tree, TreeNode } from '../tree.ts'
import { CommandFailed, type Guestfish } from './guestfish.ts'
import { nameOf, parseAttributeNames, parseStat, parseStats } from './parse.ts'
import { fitsList, inLists } from './quote.ts'

/** Bytes of a file that go through libguestfs's protocol in one message; it takes 4 MiB. */
const PIECE = 2 * 2 ** 20

export interface ApplianceTree extends Tree {
  /** Forgets what it has seen. */
  forget(): void
}

interface Entry {
  readonly raw: Buffer
  readonly node: TreeNode
  /** Names; unknown where the name did not fit a list. */
  readonly attributes: readonly string[] | undefined
}

/**
 * The file systems mounted in the appliance. Each folder that is looked at is read in one go and kept, since a question costs milliseconds.
 *
 * @param session asked anew each time, as the appliance may have been started again
 * @param folder of this host, for lists that come as files
 */
export function applianceTree(session: () => Promise<Guestfish>, folder: string): ApplianceTree {
  const folders = new Map<string, Promise<ReadonlyMap<string, Entry>>>()
  let root: Promise<TreeNode | undefined> | undefined

  async function ask(command: string, ...args: (string | Buffer)[]): Promise<Buffer> {
    try {
      return await (await session()).ask(command, ...args)
    } catch (error) {
      if (error instanceof CommandFailed) throw new ImageRefusal(`the image cannot be read: ${error.message.split('\n')[0]}`, { cause: error })
      throw error
    }
  }
  async function entriesOf(path: string): Promise<ReadonlyMap<string, Entry>> {
    if ((await lstat(path))?.type !== 'folder') return new Map()
    const known = folders.get(path)
    if (known) return await known
    const reading = rawOf(path).then((raw) => readFolder(ask, raw, folder))
    folders.set(path, reading)
    reading.catch(() => folders.delete(path))
    return await reading
  }
  async function entry(path: string): Promise<Entry | undefined> {
    const cut = path.lastIndexOf('/')
    return (await entriesOf(path.slice(0, cut) || '/')).get(path.slice(cut + 1))
  }
  async function lstat(path: string): Promise<TreeNode | undefined> {
    if (path === '/') return await (root ??= ask('lstatns', '/').then((printed) => parseStat(printed.toString('latin1'))))
    return (await entry(path))?.node
  }
  /** A path of this tree as the bytes that the image has. */
  async function rawOf(path: string): Promise<Buffer> {
    if (path === '/') return Buffer.from('/')
    const found = await entry(path)
    if (!found) throw new ImageRefusal(`${path} is not in the image`)
    const above = await rawOf(path.slice(0, path.lastIndexOf('/')) || '/')
    return Buffer.concat([above, Buffer.from(above.length === 1 ? '' : '/'), found.raw])
  }
  return {
    lstat,
    list: async (path) => [...(await entriesOf(path)).keys()].sort(),
    async read(path, limit) {
      const raw = await rawOf(path)
      const pieces: Buffer[] = []
      for (let at = 0; at < limit; ) {
        const piece = await ask('pread', raw, String(Math.min(PIECE, limit - at)), String(at))
        if (piece.length === 0) break
        pieces.push(piece)
        at += piece.length
      }
      return Buffer.concat(pieces)
    },
    async digest(path) {
      const digest = (await ask('checksum', 'sha256', await rawOf(path))).toString('latin1').trim()
      if (!/^[0-9a-f]{64}$/.test(digest)) throw new BuildFailure(`the digest of ${path} in the image could not be made: ${digest.slice(0, 100)}`)
      return digest
    },
    async attributes(path): Promise<Attributes> {
      const raw = await rawOf(path)
      const names = (path === '/' ? undefined : (await entry(path))?.attributes) ?? (await attributeNames(ask, raw))
      const values = new Map<string, Buffer>()
      for (const name of [...names].sort()) values.set(name, await ask('lgetxattr', raw, Buffer.from(name, 'latin1')))
      return values
    },
    forget() {
      folders.clear()
      root = undefined
    },
  }
}

type Ask = (command: string, ...args: (string | Buffer)[]) => Promise<Buffer>

async function readFolder(ask: Ask, raw: Buffer, folder: string): Promise<ReadonlyMap<string, Entry>> {
  const names = await namesIn(ask, raw, folder)
  const entries = new Map<string, Entry>()
  for (const list of inLists(names.filter(fitsList))) {
    const together = Buffer.from(list.map((name) => name.toString('latin1')).join(' '), 'latin1')
    const nodes = parseStats(await ask('lstatnslist', raw, together))
    const attributes = parseAttributeNames(await ask('lxattrlist', raw, together))
    const links = list.filter((_, index) => nodes[index]?.type === 'link')
    const targets = await targetsOf(ask, raw, links)
    list.forEach((name, index) => {
      const node = nodes[index]
      if (!node) return
      const target = node.type === 'link' ? { target: targets[links.indexOf(name)]! } : {}
      entries.set(nameOf(name), { raw: name, node: { ...node, ...target }, attributes: attributes.length === list.length ? attributes[index] : undefined })
    })
  }
  for (const name of names.filter((each) => !fitsList(each))) {
    const path = below(raw, name)
    const node = parseStat((await ask('lstatns', path)).toString('latin1'))
    if (node) entries.set(nameOf(name), { raw: name, node: node.type === 'link' ? { ...node, target: await targetOf(ask, path) } : node, attributes: undefined })
  }
  return entries
}

/** As a file, where a zero byte ends each name: a name may have a newline in it. */
async function namesIn(ask: Ask, raw: Buffer, folder: string): Promise<Buffer[]> {
  const file = `names-${randomUUID()}` // folders are read side by side
  await ask('ls0', raw, file)
  const bytes = await readFile(join(folder, file))
  await rm(join(folder, file))
  const names: Buffer[] = []
  for (let at = 0, end; (end = bytes.indexOf(0, at)) >= 0; at = end + 1) names.push(bytes.subarray(at, end))
  return names
}

/** A target with a newline in it makes one line too many; then each is asked for alone. */
async function targetsOf(ask: Ask, raw: Buffer, links: readonly Buffer[]): Promise<string[]> {
  if (links.length === 0) return []
  const printed = (await ask('readlinklist', raw, Buffer.from(links.map((name) => name.toString('latin1')).join(' '), 'latin1'))).toString('utf8').split('\n').slice(0, -1)
  if (printed.length === links.length) return printed
  const targets: string[] = []
  for (const name of links) targets.push(await targetOf(ask, below(raw, name)))
  return targets
}

async function targetOf(ask: Ask, path: Buffer): Promise<string> {
  return (await ask('readlink', path)).subarray(0, -1).toString('utf8')
}

async function attributeNames(ask: Ask, path: Buffer): Promise<string[]> {
  return [...(await ask('lgetxattrs', path)).toString('latin1').matchAll(/^ {2}attrname: (.*)$/gm)].map(([, name]) => name!)
}

function below(folder: Buffer, name: Buffer): Buffer {
  return Buffer.concat([folder, Buffer.from(folder.length === 1 ? '' : '/'), name])
}
