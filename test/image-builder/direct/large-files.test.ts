import { randomFillSync } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { buildImage } from '../../../image-builder/build-image.ts'
import { openForReading } from '../../../image-builder/open-image.ts'
import { debugfs, elf, quiet, scratch, smallImage, tool, wishFor, type ImageOptions } from '../small-image.ts'

/** Every second of many small files is gone: what is free lies in pieces of 8 KiB. */
function inPieces(folder: string, base: string): string {
  const names = Array.from({ length: 6000 }, (_, number) => number)
  writeFileSync(join(folder, 'small'), 'x'.repeat(8192))
  debugfs(folder, base, ['mkdir /many', ...names.map((name) => `write ${join(folder, 'small')} /many/${name}`), ...names.filter((name) => name % 2 === 0).map((name) => `rm /many/${name}`)], { write: true })
  return base
}

const CASES: Readonly<Record<string, { readonly image: ImageOptions; readonly spoil?: (folder: string, base: string) => string; readonly size: number }>> = {
  'in ext4': { image: { size: 96 }, size: 20_000_001 },
  'of whole blocks': { image: { size: 96, mkfs: ['-b', '4096'] }, size: 5120 * 4096 },
  'in ext3, which knows no extents': { image: { size: 96, mkfs: ['-O', '^extents,^64bit'] }, size: 20_000_001 },
  'where free blocks lie in pieces': { image: { size: 96 }, spoil: inPieces, size: 40_000_001 },
}

for (const [name, { image, spoil, size }] of Object.entries(CASES)) {
  t.test(`a large file ${name} is in the image, byte for byte, and the file system is sound`, async (t) => {
    const folder = scratch(t.teardown)
    const made = smallImage(folder, image)
    const base = spoil?.(folder, made) ?? made
    const node = join(folder, 'large-node')
    writeFileSync(node, Buffer.concat([elf(62), randomFillSync(Buffer.alloc(size - 64))]))
    const wish = wishFor(folder, base, { node, way: 'direct' })
    await buildImage(wish, quiet)
    await using opened = await openForReading(wish.out)
    t.match(await opened.tree.lstat('/opt/trovestrap/bin/node'), { size, mode: 0o755, uid: 0, gid: 0, links: 1 })
    t.equal(await opened.tree.digest('/opt/trovestrap/bin/node'), tool('sha256sum', [node]).slice(0, 64))
    const raw = join(folder, 'look.raw')
    tool('qemu-img', ['convert', '-O', 'raw', wish.out, raw])
    tool('e2fsck', ['-fn', `${raw}?offset=${2 ** 20}`])
    tool('debugfs', ['-R', `dump /opt/trovestrap/bin/node ${join(folder, 'dumped')}`, `${raw}?offset=${2 ** 20}`])
    tool('cmp', [node, join(folder, 'dumped')])
  })
}
