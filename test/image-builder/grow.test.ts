import { rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { parseSize } from '../../cli/image-work.ts'
import { buildImage } from '../../image-builder/build-image.ts'
import { differences } from './differences.ts'
import { diskImage } from './disk-image.ts'
import { elf, quiet, scratch, smallImage, tool, wishFor } from './small-image.ts'
import { debianTree } from './stand-in-trees/debian.ts'
import { STAND_INS } from './stand-ins.ts'

const MIB = 2 ** 20

interface Disk {
  readonly bytes: number
  /** Without its partitions. */
  readonly table?: object
  /** By number. */
  readonly partitions: Readonly<Record<string, { readonly start: number; readonly size: number }>>
  /** Of the root file system. */
  readonly rootBytes: number
}

/** What sfdisk and e2fsck say of an image; e2fsck has nothing to say. */
function diskOf(folder: string, image: string, root: number): Disk {
  const raw = join(folder, 'disk.raw')
  tool('qemu-img', ['convert', '-O', 'raw', image, raw])
  const bytes = Number(JSON.parse(tool('qemu-img', ['info', '--output=json', image]))['virtual-size'])
  const { partitions = [], ...table } = root === 0 ? {} : (JSON.parse(tool('sfdisk', ['-J', raw])).partitiontable as { partitions?: { node: string; start: number; size: number }[] })
  const known = Object.fromEntries(partitions.map((partition) => [partition.node.slice(raw.length), partition]))
  const offset = root === 0 ? 0 : known[root]!.start * 512
  tool('e2fsck', ['-fn', `${raw}?offset=${offset}`])
  const said = tool('dumpe2fs', ['-h', `${raw}?offset=${offset}`])
  const field = (name: string) => Number(new RegExp(`^${name}: +(\\d+)$`, 'm').exec(said)![1])
  rmSync(raw)
  return { bytes, table, partitions: known, rootBytes: field('Block count') * field('Block size') }
}

for (const [name, { architecture, root, make }] of Object.entries(STAND_INS)) {
  t.test(`${name}: disk, partition and file system grow, and nothing else does`, async (t) => {
    const folder = scratch(t.teardown)
    const wish = wishFor(folder, make(folder), { way: 'direct' })
    if (architecture === 'arm64') writeFileSync(wish.node!, elf(183))
    const { changes } = await buildImage({ ...wish, grow: { bytes: 100 * MIB, added: true } }, quiet)
    const [before, after] = [diskOf(folder, wish.base, root), diskOf(folder, wish.out, root)]
    t.equal(after.bytes, before.bytes + 100 * MIB)
    if (root > 0) {
      const { [root]: own, ...others } = before.partitions
      const { [root]: larger, ...same } = after.partitions
      t.same(same, others, 'all other partitions are as they were')
      t.same({ ...larger, size: 0 }, { ...own, size: 0 }, 'start, type, name, UUID and flags too')
      const { lastlba: _, ...table } = before.table as { lastlba?: number }
      t.match(after.table, table, 'and what the table says of the disk')
      t.ok(larger!.size * 512 > own!.size * 512 + 99 * MIB, 'the partition reaches to the end')
      t.ok(larger!.size * 512 - after.rootBytes < 4096, 'the file system fills it')
    } else t.equal(after.rootBytes, after.bytes)
    t.ok(after.rootBytes > before.rootBytes + 99 * MIB, 'the file system is larger')
    const wanted = new Set(changes.map((line) => line.split(' ')[1]))
    t.same((await differences(wish.base, wish.out)).map((line) => /^\w+ (\S+):/.exec(line)![1]).filter((path) => !wanted.has(path)), [], 'nothing but what was to be changed')
  })
}

t.test('a size that is named is the size; a smaller one, and a partition that lies behind, are refused', async (t) => {
  const folder = scratch(t.teardown)
  const wish = wishFor(folder, smallImage(folder), { way: 'direct', grow: { bytes: 100 * MIB, added: false } })
  await buildImage(wish, quiet)
  t.equal(diskOf(folder, wish.out, 1).bytes, 100 * MIB)
  const smaller = { ...wish, out: join(folder, 'smaller.qcow2'), grow: { bytes: 50 * MIB, added: false } }
  await t.rejects(buildImage(smaller, quiet), { name: 'ImageRefusal', message: /^the disk has 0\.1 GiB; it can be enlarged, and 0\.0 GiB would be less/ })

  const data = { number: 2, mib: 8, type: 'L', holds: { tree: { '/data': 'x' } } }
  const { image } = diskImage(folder, 'behind.qcow2', { table: 'gpt', partitions: [{ number: 1, mib: 64, type: 'L', holds: { tree: debianTree() } }, data] })
  await t.rejects(buildImage({ ...wish, base: image, out: join(folder, 'x.qcow2'), grow: { bytes: 100 * MIB, added: true } }, quiet), { name: 'ImageRefusal', message: /partition 1 cannot be enlarged: partition 2 lies behind it\. Use virt-resize/ })
})

t.test('a file system that is full: what is missing is said with what to type, and that helps', async (t) => {
  const folder = scratch(t.teardown)
  const wish = wishFor(folder, smallImage(folder, { tree: { 'var/ballast': Buffer.alloc(48 * MIB, 1) } }), { way: 'direct' })
  truncateSync(wish.node!, 12 * MIB)
  const error = await buildImage(wish, quiet).then(() => undefined, (error: Error) => error)
  t.match(error, { name: 'ImageRefusal', message: /has \d+ bytes free, \d+ are needed.*: \d+ bytes are missing\. Type: --grow \+\d+G/ })
  const advised = /--grow (\S+)/.exec(error!.message)![1]!
  await buildImage({ ...wish, grow: parseSize(advised) }, quiet)
})
