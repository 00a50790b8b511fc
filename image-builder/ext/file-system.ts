import { ImageRefusal } from '../refusal.ts'
import type { Attributes } from '../tree.ts'
import { attributesIn } from './attributes.ts'
import { blockMapOf, type BlockMap } from './block-map.ts'
import { damaged } from './damaged.ts'
import { entriesOf } from './directory.ts'
import { readGroups, type Group } from './groups.ts'
import { FLAGS, hasBlocks, parseInode, typeOf, type Inode } from './inode.ts'
import { parseSuperblock, type Superblock } from './superblock.ts'

/** Bytes of a partition. */
export type ReadBytes = (offset: number, length: number) => Promise<Buffer>

/** What is read at once and kept: a cluster of a qcow2, which may have to be decompressed. */
export const PAGE = 65536
/** 256 MiB. */
const MOST_PAGES = 4096
/** Pages asked for at once. */
const PAGES_AT_ONCE = 16
const PIECE = 2 ** 20
/** Reads under way at once while a file is read in order. */
const AHEAD = 4
const LARGEST_FOLDER = 256 * 2 ** 20

/** Blocks of a file are counted in 32 bits. */
const MOST_BLOCKS = 2 ** 32

interface Folder {
  readonly names: ReadonlyMap<string, number>
  readonly parent: number | undefined
  /** Inodes with more than one name in it. */
  readonly twice: ReadonlySet<number>
}

/** Reads ext2/3/4 and nothing else: it follows no link, writes nothing, and believes nothing that it reads. */
export class ExtFileSystem {
  readonly superblock: Superblock
  readonly groups: readonly Group[]
  readonly #read: ReadBytes
  readonly #pages = new Map<number, Promise<Buffer>>()
  readonly #folders = new Map<number, Promise<Folder>>()

  /**
   * @param size bytes of the partition
   * @throws ImageRefusal when superblock or group descriptors make no sense, or the partition is shorter than its file system
   */
  static async open(read: ReadBytes, size: number): Promise<ExtFileSystem> {
    if (size < 2048) throw damaged('it has no superblock')
    const superblock = parseSuperblock(await read(1024, 1024))
    const { blocks, blockSize } = superblock
    if (blocks * blockSize > size) throw new ImageRefusal(`the image is truncated: its file system has ${blocks} blocks of ${blockSize} bytes, there is room for ${size} bytes`)
    return new ExtFileSystem(read, superblock, await readGroups(superblock, read))
  }

  private constructor(read: ReadBytes, superblock: Superblock, groups: readonly Group[]) {
    this.#read = read
    this.superblock = superblock
    this.groups = groups
  }

  get blockSize(): number {
    return this.superblock.blockSize
  }

  get blocks(): number {
    return this.superblock.blocks
  }

  async block(number: number): Promise<Buffer> {
    const offset = number * this.blockSize
    const page = Math.floor(offset / PAGE)
    const bytes = await this.page(page)
    return bytes.subarray(offset - page * PAGE, offset - page * PAGE + this.blockSize)
  }

  /** The nth stretch of PAGE bytes of the partition. */
  page(number: number): Promise<Buffer> {
    const known = this.#pages.get(number)
    if (known) return known
    const end = this.blocks * this.blockSize
    const asked = this.#read(number * PAGE, Math.min(PAGE, end - number * PAGE))
    this.#pages.set(number, asked)
    if (this.#pages.size > MOST_PAGES) this.#pages.delete(this.#pages.keys().next().value!)
    return asked
  }

  /** Reads side by side what will be asked for one after the other. */
  async readAhead(block: number, count: number): Promise<void> {
    const first = Math.floor((block * this.blockSize) / PAGE)
    const end = Math.ceil(((block + count) * this.blockSize) / PAGE)
    for (let at = first; at < end; at += PAGES_AT_ONCE) {
      await Promise.all(Array.from({ length: Math.min(PAGES_AT_ONCE, end - at) }, (_, index) => this.page(at + index)))
    }
  }

  async inode(number: number): Promise<Inode> {
    const { inodesPerGroup, inodeSize, inodes, blockSize } = this.superblock
    if (!(number >= 1 && number <= inodes)) throw damaged(`a name leads to inode ${number} of ${inodes}`)
    const group = this.groups[Math.floor((number - 1) / inodesPerGroup)]!
    const offset = ((number - 1) % inodesPerGroup) * inodeSize
    const block = await this.block(group.inodeTable + Math.floor(offset / blockSize))
    return parseInode(number, block.subarray(offset % blockSize, (offset % blockSize) + inodeSize))
  }

  async map(inode: Inode): Promise<BlockMap> {
    return hasBlocks(inode) ? await blockMapOf(inode, this) : { runs: [], index: [] }
  }

  /** Names in a folder, each with its inode. */
  async folder(inode: Inode): Promise<ReadonlyMap<string, number>> {
    return (await this.#folder(inode)).names
  }

  /** Whether a folder that has a name in another has no other name anywhere, as it must be. */
  async liesOnlyIn(folder: Inode, above: Inode): Promise<boolean> {
    return (await this.#folder(folder)).parent === above.number && !(await this.#folder(above)).twice.has(folder.number)
  }

  async #folder(inode: Inode): Promise<Folder> {
    const known = this.#folders.get(inode.number)
    if (known) return await known
    const asked = this.#readFolder(inode)
    this.#folders.set(inode.number, asked)
    return await asked
  }

  async attributes(inode: Inode): Promise<Attributes> {
    if (inode.attributeBlock >= this.blocks) throw damaged(`inode ${inode.number} has its attributes in block ${inode.attributeBlock} of ${this.blocks}`)
    return attributesIn(inode.number, inode.rest, inode.attributeBlock === 0 ? undefined : await this.block(inode.attributeBlock))
  }

  /** A file's content in order, holes as zeros. @param limit bytes at most */
  async *content(inode: Inode, limit = Infinity): AsyncGenerator<Buffer> {
    if ((inode.flags & (FLAGS.encrypted | FLAGS.inlineData)) !== 0) throw damaged(`the content of inode ${inode.number} is encrypted or lies in the inode`)
    if (inode.size > MOST_BLOCKS * this.blockSize) throw damaged(`inode ${inode.number} has a size of ${inode.size} bytes`)
    const pieces = piecesOf(await this.map(inode), this.blockSize, Math.min(inode.size, limit))
    const ahead: (Promise<Buffer> | Buffer)[] = []
    for (const { offset, length } of pieces) {
      const piece = offset === undefined ? Buffer.alloc(length) : this.#piece(offset, length)
      if (piece instanceof Promise) piece.catch(() => {}) // it is thrown where it is awaited
      ahead.push(piece)
      if (ahead.length >= AHEAD) yield await ahead.shift()!
    }
    for (const piece of ahead) yield await piece
  }

  /** Small files lie side by side, often in one cluster that has to be decompressed. */
  async #piece(offset: number, length: number): Promise<Buffer> {
    const page = Math.floor(offset / PAGE)
    const inside = offset - page * PAGE
    return inside + length <= PAGE ? (await this.page(page)).subarray(inside, inside + length) : await this.#read(offset, length)
  }

  async #readFolder(inode: Inode): Promise<Folder> {
    if (typeOf(inode) !== 'folder') throw damaged(`inode ${inode.number} is no folder`)
    if ((inode.flags & (FLAGS.encrypted | FLAGS.inlineData)) !== 0 || inode.size > LARGEST_FOLDER) throw damaged(`the folder in inode ${inode.number} is encrypted, too large or lies in the inode`)
    const names = new Map<string, number>()
    const [once, twice] = [new Set<number>(), new Set<number>()]
    for await (const piece of this.content(inode)) {
      for (let at = 0; at + this.blockSize <= piece.length; at += this.blockSize) {
        for (const { name, inode: number } of entriesOf(piece.subarray(at, at + this.blockSize), inode.number)) {
          names.set(name, number)
          if (once.has(number)) twice.add(number)
          once.add(number)
        }
      }
    }
    const parent = names.get('..')
    names.delete('..')
    return { names, parent, twice }
  }
}

/** Stretches of at most a mebibyte; one without an offset is a hole. */
function* piecesOf({ runs }: BlockMap, blockSize: number, size: number): Generator<{ offset?: number; length: number }> {
  let at = 0
  function* hole(end: number): Generator<{ length: number }> {
    while (at < end) {
      const length = Math.min(PIECE, end - at)
      at += length
      yield { length }
    }
  }
  for (const run of runs) {
    const start = run.logical * blockSize
    if (start >= size) break
    yield* hole(start)
    const end = Math.min(size, start + run.count * blockSize)
    if (run.unwritten) yield* hole(end)
    while (at < end) {
      const length = Math.min(PIECE, end - at)
      yield { offset: run.physical * blockSize + (at - start), length }
      at += length
    }
  }
  yield* hole(size)
}
