import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { needsWholeCopy } from '../../../image-builder/direct/features.ts'
import { shadowOfMetadata, transfer } from '../../../image-builder/direct/shadow.ts'
import { ExtFileSystem } from '../../../image-builder/ext/file-system.ts'
import { extTree } from '../../../image-builder/ext/ext-tree.ts'
import { walk, type Tree } from '../../../image-builder/tree.ts'
import { scratch, tool } from '../small-image.ts'
import { blocksOf, makeExt, plantTree, VARIANTS } from '../ext/ext-image.ts'

const source = join(scratch(t.teardown), 'source')
mkdirSync(source)
plantTree(source)

async function contents(tree: Tree): Promise<Record<string, string>> {
  const seen: Record<string, string> = {}
  for await (const { path, node } of walk(tree, '/')) seen[path] = node.type === 'file' ? await tree.digest(path) : (node.target ?? node.type)
  return seen
}

for (const [name, args] of Object.entries(VARIANTS)) {
  t.test(`${name}: e2fsck has nothing to say against the metadata alone, and what debugfs did to it arrives in the image`, async (t) => {
    const folder = scratch(t.teardown)
    const path = makeExt(folder, args, undefined, source)
    await using blocks = blocksOf(path)
    const files = await ExtFileSystem.open((offset, length) => blocks.read(offset, length), blocks.size)
    if (needsWholeCopy(files.superblock)) return
    const before = await contents(extTree(files))
    const part = { work: { folder, file: 'ext.raw', size: blocks.size }, blocks, offset: 0 }
    const shadow = await shadowOfMetadata(part, files, [(await extTree(files).inode('/large'))!])
    tool('e2fsck', ['-fn', join(folder, shadow.file)])

    writeFileSync(join(folder, 'new'), Buffer.alloc(5_000_000, 'new content '))
    const commands = ['mkdir "/etc/x"', `write "${join(folder, 'new')}" "/etc/x/new"`, 'rm "/large"', 'rm "/etc/empty"', 'symlink "/etc/l" "target"', ...Array.from({ length: 300 }, (_, number) => `mkdir "/many/folder-${number}"`)]
    tool('debugfs', ['-w', '-f', '-', join(folder, shadow.file)], commands.map((line) => `${line}\n`).join(''))
    tool('e2fsck', ['-fn', join(folder, shadow.file)])
    await transfer(part, shadow)

    tool('e2fsck', ['-fn', path])
    const tree = extTree(await ExtFileSystem.open((offset, length) => blocks.read(offset, length), blocks.size))
    const after = await contents(tree)
    t.ok((await tree.read('/etc/x/new', 6_000_000)).equals(readFileSync(join(folder, 'new'))))
    const { '/large': _large, '/etc/empty': _empty, ...kept } = before
    const own = Object.fromEntries(Object.entries(after).filter(([path]) => !/^\/etc\/(x|l)|^\/many\/folder/.test(path)))
    t.same(own, kept, 'everything else is as it was')
    t.equal(Object.keys(after).length - Object.keys(own).length, 303)
  })
}

t.test('a tool that writes where another file has its content is caught, and nothing of it arrives', async (t) => {
  const folder = scratch(t.teardown)
  const path = makeExt(folder, VARIANTS['ext4']!, 48, source)
  await using blocks = blocksOf(path)
  const files = await ExtFileSystem.open((offset, length) => blocks.read(offset, length), blocks.size)
  const part = { work: { folder, file: 'ext.raw', size: blocks.size }, blocks, offset: 0 }
  const shadow = await shadowOfMetadata(part, files)
  const block = Number(tool('debugfs', ['-R', 'bmap /large 700', path]))
  await using copy = blocksOf(join(folder, shadow.file))
  await copy.write(block * shadow.blockSize, Buffer.from('overwritten'))
  await t.rejects(transfer(part, shadow), { name: 'BuildFailure', message: `block ${block} was written to, where the content of another file is` })
})

t.test('the search for metadata reads little of a large disk', async (t) => {
  const folder = scratch(t.teardown)
  const path = makeExt(folder, ['-t', 'ext4'], 50 * 1024)
  await using blocks = blocksOf(path)
  const files = await ExtFileSystem.open((offset, length) => blocks.read(offset, length), blocks.size)
  await shadowOfMetadata({ work: { folder, file: 'ext.raw', size: blocks.size }, blocks, offset: 0 }, files)
  t.ok(blocks.reads() < 100e6, `${blocks.reads()} bytes`)
})
