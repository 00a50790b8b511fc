import { open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { ImageRefusal } from '../refusal.ts'
import { runTool, said } from '../run-tool.ts'
import type { Blocks } from './blocks.ts'

/** Where partition tables lie: at both ends of a disk. */
const END = 2 ** 20
const SECTOR = 512
const FILE = 'table.raw'
const EXTENDED = [0x05, 0x0f, 0x85]
const MOST_LOGICAL = 60

export interface Place {
  readonly folder: string
  readonly signal?: AbortSignal | undefined
}

export interface TableEntry {
  readonly number: number
  /** Bytes. */
  readonly offset: number
  readonly size: number
  /** Of MBR in hex, of GPT a GUID. */
  readonly type: string
}

export interface PartitionTable {
  readonly label: 'gpt' | 'dos'
  readonly entries: readonly TableEntry[]
}

/** @returns undefined when the disk has no partition table. @throws ImageRefusal when it has a broken one */
export async function readTable(disk: Blocks, place: Place): Promise<PartitionTable | undefined> {
  await layOut(disk, place)
  const ran = await sfdisk(['-J', FILE], place)
  await rm(join(place.folder, FILE))
  if (ran.code !== 0) return undefined
  const table = tableIn(ran.stdout.toString('utf8'))
  // A GPT whose end is missing counts as none; what is left is the entry that keeps MBR tools off.
  if (table.label === 'dos' && table.partitions?.some(({ type }) => type === 'ee')) {
    throw new ImageRefusal('the image is truncated or damaged: its GPT partition table does not fit the disk')
  }
  if (table.label !== 'gpt' && table.label !== 'dos') throw new ImageRefusal(`the image has a partition table of kind ${table.label}; expected GPT or MBR`)
  const sector = table.sectorsize ?? SECTOR
  const entries = (table.partitions ?? []).flatMap(({ node, start, size, type }) => {
    if (!(Number.isSafeInteger(start) && Number.isSafeInteger(size) && start >= 0 && size > 0)) return []
    return [{ number: Number(/(\d+)$/.exec(node)![1]), offset: start * sector, size: size * sector, type }]
  })
  requireApart(table.label, entries)
  return { label: table.label, entries }
}

/** Before its JSON sfdisk may complain of flags in a logical partition. */
function tableIn(text: string): SfdiskTable {
  try {
    return (JSON.parse(text.slice(text.indexOf('{'))) as { partitiontable: SfdiskTable }).partitiontable
  } catch (cause) {
    throw new ImageRefusal("the image's partition table is damaged: sfdisk cannot list it", { cause })
  }
}

/** An extended partition is a frame around logical ones, not a place for files. */
function isExtended(label: string, { type }: TableEntry): boolean {
  return label === 'dos' && EXTENDED.includes(Number.parseInt(type, 16))
}

/** Writing into one partition would destroy another. */
function requireApart(label: string, entries: readonly TableEntry[]): void {
  const places = entries.filter((entry) => !isExtended(label, entry)).sort((one, other) => one.offset - other.offset)
  for (const [index, next] of places.slice(1).entries()) {
    const { number, offset, size } = places[index]!
    if (offset + size > next.offset) throw new ImageRefusal(`the image's partition table is damaged: partitions ${number} and ${next.number} overlap`)
  }
}

interface SfdiskTable {
  readonly label?: string
  readonly sectorsize?: number
  readonly partitions?: readonly { readonly node: string; readonly start: number; readonly size: number; readonly type: string }[]
}

/** Lets a partition reach to the end of the disk, an extended one around it too; what the other entries say stays. @throws ImageRefusal when the table cannot be changed so */
export async function extendEntry(disk: Blocks, { label, entries }: PartitionTable, number: number, place: Place): Promise<void> {
  const logical = await layOut(disk, place)
  const frame = label === 'dos' && number > 4 ? entries.filter((entry) => isExtended(label, entry)) : []
  // Nothing but the size is said, so start, type, name and UUID stay; the backup of a GPT moves to the new end.
  const moved = await sfdisk(['--relocate', 'gpt-bak-std', FILE], place)
  for (const each of [...frame.map((entry) => entry.number), number]) {
    const ran = await sfdisk(['--no-reread', '--no-tell-kernel', '--wipe', 'never', '-q', '-N', String(each), FILE], place, ', +\n')
    if (ran.code !== 0) throw new ImageRefusal(`partition ${each} cannot be enlarged: ${said(moved.code === 0 ? ran : moved)}`)
  }
  await using file = await open(join(place.folder, FILE), 'r')
  const stretches = [{ at: 0, length: Math.min(END, disk.size) }, { at: Math.max(0, disk.size - END), length: Math.min(END, disk.size) }, ...logical.map((at) => ({ at, length: SECTOR }))]
  for (const { at, length } of stretches) {
    const { buffer } = await file.read(Buffer.alloc(length), 0, length, at)
    const before = await disk.read(at, length)
    for (let sector = 0; sector + SECTOR <= length; sector += SECTOR) {
      const now = buffer.subarray(sector, sector + SECTOR)
      if (!now.equals(before.subarray(sector, sector + SECTOR))) await disk.write(at + sector, now)
    }
  }
  await rm(join(place.folder, FILE))
}

/** sfdisk works on files: one that has the disk's size and what belongs to its table, and no more. @returns where logical partitions are described */
async function layOut(disk: Blocks, { folder }: Place): Promise<number[]> {
  await using file = await open(join(folder, FILE), 'w', 0o600)
  await file.truncate(disk.size)
  const copy = async (at: number, length: number) => void (await file.write(await disk.read(at, length), 0, length, at))
  const head = Math.min(END, disk.size)
  await copy(0, head)
  await copy(disk.size - head, head)
  const logical = await extendedSectors(disk)
  for (const at of logical) await copy(at, SECTOR)
  return logical
}

/** Logical partitions of an MBR stand in a chain of sectors all over the disk. */
async function extendedSectors(disk: Blocks): Promise<number[]> {
  const read = async (at: number) => (at + SECTOR <= disk.size ? await disk.read(at, SECTOR) : Buffer.alloc(SECTOR))
  const entryOf = (sector: Buffer) => [446, 462, 478, 494].map((at) => sector.subarray(at, at + 16)).find((entry) => EXTENDED.includes(entry[4]!))
  const first = entryOf(await read(0))
  if (!first) return []
  const base = first.readUInt32LE(8) * SECTOR
  const found = new Set<number>()
  for (let at = base; found.size < MOST_LOGICAL && !found.has(at) && at + SECTOR <= disk.size; ) {
    found.add(at)
    const next = entryOf(await read(at))
    if (!next) break
    at = base + next.readUInt32LE(8) * SECTOR
  }
  return [...found]
}

function sfdisk(args: readonly string[], { folder, signal }: Place, input?: string) {
  return runTool('sfdisk', args, { cwd: folder, signal, ...(input === undefined ? {} : { input }) })
}
