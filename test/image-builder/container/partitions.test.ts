import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { growDisk, growPartition } from '../../../image-builder/container/grow.ts'
import { listPartitions, type Partition } from '../../../image-builder/container/partitions.ts'
import { examineSource } from '../../../image-builder/container/source.ts'
import { openBlocks } from '../../../image-builder/container/storage-daemon.ts'
import { copyOf } from '../../../image-builder/container/work-image.ts'
import { NO_KERNEL, scratch, tool } from '../small-image.ts'

const MIB = 2 ** 20
const SIZE = 64 * MIB
const CLOUD = `label: gpt
label-id: 11111111-2222-3333-4444-555555555555
p1 : start=30720, size=40960, name="root, first", attrs="LegacyBIOSBootable GUID:60", uuid=AAAAAAAA-2222-3333-4444-555555555555
p14 : start=2048, size=8192, type=21686148-6449-6E6F-744E-656564454649
p15 : start=10240, size=20480, type=U
`
const MBR = 'label: dos\nlabel-id: 0x12345678\n2048,8192,83\n10240,40960,83,*\n'
const LOGICAL = 'label: dos\nlabel-id: 0x12345678\n2048,8192,83,*\n10240,,E\n12288,20480,82\n34816,+,83\n'

interface DiskOptions {
  readonly table?: string
  /** By where they stand, in bytes. */
  readonly bytes?: Readonly<Record<number, Buffer>>
  readonly size?: number
}

t.test('partitions have the numbers of the table, whatever their order on the disk, and what is in them is recognised', async (t) => {
  const at = (mib: number, offset: number) => (2048 * 512 * mib) + offset
  const kinds: readonly (readonly [string, number, string])[] = [
    ['ext', 1080, '\x53\xef'], ['xfs', 0, 'XFSB'], ['btrfs', 0x10040, '_BHRfS_M'], ['LVM', 512, 'LABELONE'], ['LUKS', 0, 'LUKS\xba\xbe'],
    ['swap', 4086, 'SWAPSPACE2'], ['vfat', 82, 'FAT32   '], ['vfat', 54, 'FAT16   '], ['unknown', 0, 'nothing'],
  ]
  const rows = kinds.map((_, index) => `p${20 - index} : start=${2048 * (index + 1)}, size=2048\n`)
  const bytes = Object.fromEntries(kinds.map(([, offset, magic], index) => [at(index + 1, offset), Buffer.from(magic, 'latin1')]))
  const found = await partitionsOf(t, { table: `label: gpt\n${rows.join('')}`, bytes })
  t.same(found, kinds.map(([holds], index) => ({ number: 20 - index, offset: at(index + 1, 0), size: MIB, holds })).reverse())
})

t.test('logical partitions are found all over the disk', async (t) => {
  const found = await partitionsOf(t, { table: LOGICAL, bytes: { [34816 * 512 + 1080]: Buffer.from([0x53, 0xef]) } })
  t.same(found.map(({ number }) => number), [1, 2, 5, 6])
  t.match(found.at(-1), { offset: 34816 * 512, holds: 'ext' })
})

t.test('an odd flag of a logical partition, of which sfdisk complains before its list, changes nothing', async (t) => {
  const found = await partitionsOf(t, { table: LOGICAL, bytes: { [10240 * 512 + 446]: Buffer.of(0x54) } })
  t.same(found.map(({ number }) => number), [1, 2, 5, 6])
})

t.test('a disk that is a file system as a whole', async (t) => {
  t.same(await partitionsOf(t, { bytes: { 1080: Buffer.from([0x53, 0xef]) } }), [{ number: 0, offset: 0, size: SIZE, holds: 'ext' }])
})

t.test('a GPT whose first copy is destroyed is read from the second', async (t) => {
  t.same((await partitionsOf(t, { table: CLOUD, bytes: { 512: Buffer.alloc(512) } })).map(({ number }) => number), [1, 14, 15])
})

const uint32 = (value: number) => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}
/** Of MBR entries. */
const [FIRST, SECOND, START, LENGTH] = [446, 462, 8, 12]
const HOSTILE: Readonly<Record<string, { readonly disk: DiskOptions; readonly says: RegExp }>> = {
  'nothing at all': { disk: {}, says: /neither a partition table nor a file system/ },
  'noise': { disk: { bytes: { 0: noise(4 * MIB), [SIZE - MIB]: noise(MIB) } }, says: /neither a partition table nor a file system/ },
  'a disk of one sector': { disk: { size: 512 }, says: /neither a partition table nor a file system/ },
  'a partition that ends far beyond the disk': { disk: { table: MBR, bytes: { [SECOND + LENGTH]: uint32(2 ** 32 - 1) } }, says: /the image is truncated: partition 2 ends at byte \d+, the disk has 67108864/ },
  'a partition that begins beyond the disk': { disk: { table: MBR, bytes: { [SECOND + START]: uint32(2 ** 32 - 1) } }, says: /the image is truncated: partition 2 ends/ },
  'an extended partition that begins beyond the disk': { disk: { table: LOGICAL, bytes: { [SECOND + START]: uint32(2 ** 32 - 1) } }, says: /the image is truncated: partition 2 ends/ },
  'partitions that overlap': { disk: { table: MBR, bytes: { [SECOND + START]: uint32(4096) } }, says: /damaged: partitions 1 and 2 overlap/ },
  'a primary partition around the logical ones': { disk: { table: LOGICAL, bytes: { [FIRST + LENGTH]: uint32(40_000) } }, says: /damaged: partitions 1 and 5 overlap/ },
  'a chain of logical partitions that runs in a circle': { disk: { table: LOGICAL, bytes: { [10240 * 512 + SECOND + START]: uint32(0) } }, says: /damaged: partitions \d+ and \d+ overlap/ },
  'a GPT with both copies destroyed': { disk: { table: CLOUD, bytes: { 512: noise(512), [SIZE - 512]: noise(512) } }, says: /truncated or damaged: its GPT partition table does not fit the disk/ },
  'a table of another kind': { disk: { table: 'label: sun\n2048,4096\n' }, says: /a partition table of kind sun; expected GPT or MBR/ },
}

for (const [name, { disk, says }] of Object.entries(HOSTILE)) {
  t.test(`refused in one line: ${name}`, async (t) => {
    await t.rejects(partitionsOf(t, disk), { name: 'ImageRefusal', message: says })
  })
}

t.test('a GPT disk that is cut off is refused', async (t) => {
  const folder = scratch(t.teardown.bind(t))
  truncateSync(rawDisk(folder, { table: CLOUD }), SIZE / 2)
  await t.rejects(opened(folder, listPartitions), { name: 'ImageRefusal', message: /truncated or damaged/ })
})

const GROWN: Readonly<Record<string, { readonly table: string; readonly number: number; readonly more: readonly string[] }>> = {
  'GPT, the root partition first in the table and last on the disk': { table: CLOUD, number: 1, more: [] },
  'MBR': { table: MBR, number: 2, more: [] },
  'MBR, a logical partition; the extended one around it grows too': { table: LOGICAL, number: 6, more: ['disk.raw2'] },
}

for (const [name, { table, number, more }] of Object.entries(GROWN)) {
  t.test(`growing: ${name}; all else in the table and on the disk stays`, async (t) => {
    const folder = scratch(t.teardown.bind(t))
    const content = noise(MIB)
    const path = rawDisk(folder, { table, bytes: { [40 * MIB]: content } })
    const before = tableOf(path)
    const size = 3 * 2 ** 30
    const own = join(folder, 'work')
    mkdirSync(own)
    const work = await growDisk(await copyOf(await examineSource(path, { folder }), { folder: own }), size)
    t.equal(work.size, size)
    const grown = await (async () => {
      await using blocks = await openBlocks(work)
      const partition = (await listPartitions(blocks, work)).find((each) => each.number === number)!
      const grown = await growPartition(blocks, partition, work)
      t.ok((await blocks.read(40 * MIB, MIB)).equals(content))
      t.ok(grown.offset === partition.offset && grown.offset + grown.size > size - 2 * MIB && grown.offset + grown.size <= size, `${grown.size} bytes`)
      return grown
    })()
    rmSync(path)
    tool('qemu-img', ['convert', '-O', 'raw', '-f', 'qcow2', join(own, work.file), path])
    const after = tableOf(path)
    t.equal(after.partitions.find(({ node }) => node === `disk.raw${number}`)!.size * 512, grown.size)
    const rest = ({ partitions, ...label }: Table) => ({
      ...label, lastlba: undefined, partitions: partitions.map((each) => (each.node === `disk.raw${number}` || more.includes(each.node) ? { ...each, size: undefined } : each)),
    })
    t.same(rest(after), rest(before))
    t.match(tool('sfdisk', ['--verify', path]), 'No errors detected')
  })
}

t.test('a partition with another behind it does not grow, and nothing is written', async (t) => {
  const folder = scratch(t.teardown.bind(t))
  rawDisk(folder, { table: CLOUD })
  await opened(folder, async (blocks, work) => {
    const before = await blocks.read(0, MIB)
    const partition = (await listPartitions(blocks, work)).find(({ number }) => number === 15)!
    await t.rejects(growPartition(blocks, partition, work), { name: 'ImageRefusal', message: /^partition 15 cannot be enlarged: partition 1 lies behind it/ })
    t.ok((await blocks.read(0, MIB)).equals(before))
  })
})

t.test('a disk without a table has its new size at once; none gets smaller', async (t) => {
  const folder = scratch(t.teardown.bind(t))
  const path = rawDisk(folder, {})
  const work = await growDisk(await copyOf(await examineSource(path, { folder }), { folder }), SIZE + 1)
  t.equal(work.size, SIZE + 512, 'whole sectors')
  await using blocks = await openBlocks(work)
  t.same(await growPartition(blocks, { number: 0, offset: 0, size: SIZE, holds: 'ext' }, work), { number: 0, offset: 0, size: SIZE + 512, holds: 'ext' })
  await t.rejects(growDisk(work, SIZE), { name: 'ImageRefusal', message: /it can be enlarged/ })
})

interface Table {
  readonly lastlba?: number
  readonly partitions: readonly { readonly node: string; readonly size: number }[]
}

function tableOf(path: string): Table {
  return (JSON.parse(tool('sfdisk', ['-J', path]).replaceAll(path, 'disk.raw')) as { partitiontable: Table }).partitiontable
}

function rawDisk(folder: string, { table, bytes = {}, size = SIZE }: DiskOptions): string {
  const path = join(folder, 'disk.raw')
  writeFileSync(path, '')
  truncateSync(path, size)
  if (table !== undefined) tool('sfdisk', [...NO_KERNEL, path], table)
  const disk = readFileSync(path)
  for (const [at, piece] of Object.entries(bytes)) piece.copy(disk, Number(at))
  writeFileSync(path, disk)
  return path
}

type Look<Result> = (blocks: Awaited<ReturnType<typeof openBlocks>>, work: Awaited<ReturnType<typeof copyOf>>) => Promise<Result>

async function opened<Result>(folder: string, look: Look<Result>): Promise<Result> {
  const work = await copyOf(await examineSource(join(folder, 'disk.raw'), { folder }), { folder })
  await using blocks = await openBlocks(work)
  return await look(blocks, work)
}

async function partitionsOf(t: Test, disk: DiskOptions): Promise<Partition[]> {
  const folder = scratch(t.teardown.bind(t))
  rawDisk(folder, disk)
  return await opened(folder, listPartitions)
}

/** The same in every run. */
function noise(length: number): Buffer {
  return Buffer.concat(Array.from({ length: length / 64 }, (_, index) => createHash('sha512').update(`${index}`).digest()))
}
