import { damaged } from './damaged.ts'
import { FLAGS, type Inode } from './inode.ts'

/** A stretch of a file that lies in one piece. Logical and physical are block numbers; what no run covers is a hole. */
export interface Run {
  readonly logical: number
  readonly physical: number
  readonly count: number
  /** Allocated, never written: reads as zeros. */
  readonly unwritten: boolean
}

export interface BlockMap {
  readonly runs: readonly Run[]
  /** Blocks that hold the map itself. */
  readonly index: readonly number[]
}

export interface MapReader {
  readonly blockSize: number
  readonly blocks: number
  block(number: number): Promise<Buffer>
}

const EXTENT_MAGIC = 0xf30a
const DEEPEST = 5
/** More pieces than any real file has; a map that leads in circles ends here. */
const MOST = 4_000_000

/** Where an inode's content lies. @throws ImageRefusal when the map leads outside the file system or in circles */
export async function blockMapOf(inode: Inode, disk: MapReader): Promise<BlockMap> {
  const found = { runs: [] as Run[], index: [] as number[] }
  if ((inode.flags & FLAGS.extents) !== 0) await extents(inode, inode.map, undefined, disk, found)
  else await pointers(inode, disk, found)
  return found
}

type Found = { runs: Run[]; index: number[] }

async function extents(inode: Inode, node: Buffer, above: number | undefined, disk: MapReader, found: Found): Promise<void> {
  const entries = node.readUInt16LE(2)
  const depth = node.readUInt16LE(6)
  if (node.readUInt16LE(0) !== EXTENT_MAGIC || 12 + entries * 12 > node.length || depth > DEEPEST || (above !== undefined && depth !== above - 1)) {
    throw damaged(`the extents of inode ${inode.number} have no sense`)
  }
  for (let at = 12; at < 12 + entries * 12; at += 12) {
    if (depth > 0) {
      const child = node.readUInt32LE(at + 4) + node.readUInt16LE(at + 8) * 2 ** 32
      await extents(inode, await index(inode, child, disk, found), depth, disk, found)
      continue
    }
    const length = node.readUInt16LE(at + 4)
    const unwritten = length > 32768
    add(inode, { logical: node.readUInt32LE(at), physical: node.readUInt32LE(at + 8) + node.readUInt16LE(at + 6) * 2 ** 32, count: unwritten ? length - 32768 : length, unwritten }, disk, found)
  }
}

/** The map of ext2 and ext3: twelve blocks, then blocks of block numbers, one, two and three deep. */
async function pointers(inode: Inode, disk: MapReader, found: Found): Promise<void> {
  const each = disk.blockSize / 4
  let logical = 0
  const follow = async (block: number, depth: number): Promise<void> => {
    const span = each ** depth
    if (block !== 0 && depth === 0) add(inode, { logical, physical: block, count: 1, unwritten: false }, disk, found)
    if (block === 0 || depth === 0) {
      logical += span
      return
    }
    const table = await index(inode, block, disk, found)
    for (let at = 0; at < each; at++) await follow(table.readUInt32LE(at * 4), depth - 1)
  }
  for (let at = 0; at < 15; at++) await follow(inode.map.readUInt32LE(at * 4), Math.max(0, at - 11))
}

async function index(inode: Inode, block: number, disk: MapReader, found: Found): Promise<Buffer> {
  if (!(block > 0 && block < disk.blocks)) throw damaged(`inode ${inode.number} leads to block ${block} of ${disk.blocks}`)
  found.index.push(block)
  if (found.index.length > MOST) throw damaged(`the block map of inode ${inode.number} has no end`)
  return await disk.block(block)
}

function add(inode: Inode, run: Run, disk: MapReader, found: Found): void {
  if (!(run.physical > 0 && run.physical + run.count <= disk.blocks)) throw damaged(`inode ${inode.number} leads to block ${run.physical} of ${disk.blocks}`)
  const last = found.runs.at(-1)
  if (last && !last.unwritten && !run.unwritten && last.logical + last.count === run.logical && last.physical + last.count === run.physical) {
    found.runs[found.runs.length - 1] = { ...last, count: last.count + run.count }
    return
  }
  if (last && run.logical < last.logical + last.count) throw damaged(`the extents of inode ${inode.number} overlap`)
  found.runs.push(run)
  if (found.runs.length > MOST) throw damaged(`the block map of inode ${inode.number} has no end`)
}
