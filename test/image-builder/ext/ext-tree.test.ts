import { createHash } from 'node:crypto'
import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { ExtFileSystem } from '../../../image-builder/ext/file-system.ts'
import { extTree } from '../../../image-builder/ext/ext-tree.ts'
import { walk } from '../../../image-builder/tree.ts'
import { scratch, tool } from '../small-image.ts'
import { blocksOf, makeExt, plantTree, VARIANTS } from './ext-image.ts'

async function openTree(path: string) {
  const blocks = blocksOf(path)
  t.teardown(() => blocks[Symbol.asyncDispose]())
  return extTree(await ExtFileSystem.open((offset, length) => blocks.read(offset, length), blocks.size))
}

/** What the kernel says about a tree, in the form in which the reader says it. */
function onHost(root: string, folder = ''): Record<string, string> {
  return Object.assign(
    {},
    ...readdirSync(join(root, folder)).map((name) => {
      const path = `${folder}/${name}`
      const stat = lstatSync(join(root, path))
      if (stat.isDirectory()) return { [path]: `folder ${stat.mode & 0o7777}`, ...onHost(root, path) }
      if (stat.isSymbolicLink()) return { [path]: `link ${readlinkSync(join(root, path))}` }
      return { [path]: `file ${stat.mode & 0o7777} ${stat.size} ${createHash('sha256').update(readFileSync(join(root, path))).digest('hex')}` }
    }),
  ) as Record<string, string>
}

const source = join(scratch(t.teardown), 'source')
mkdirSync(source)
plantTree(source)
const expected = onHost(source)

for (const [name, args] of Object.entries(VARIANTS)) {
  t.test(`${name}: every path, mode, size, link and content is read as it was put in`, async (t) => {
    const tree = await openTree(makeExt(scratch(t.teardown), args, undefined, source))
    const seen: Record<string, string> = {}
    for await (const { path, node } of walk(tree, '/')) {
      if (path.startsWith('/lost+found')) continue
      seen[path] = node.type === 'folder' ? `folder ${node.mode}` : node.type === 'link' ? `link ${node.target}` : `file ${node.mode} ${node.size} ${await tree.digest(path)}`
    }
    t.same(seen, expected)
    t.equal((await tree.read('/large', 10)).toString(), 'large cont')
    t.equal(await tree.lstat('/none'), undefined)
    t.equal(await tree.lstat('/large/none'), undefined)
    t.same(await tree.list('/none'), [])
  })
}

t.test('owners beyond 16 bits, device nodes, hard links, names that are no UTF-8 and attributes are read', async (t) => {
  const folder = scratch(t.teardown)
  const path = makeExt(folder, VARIANTS['ext4']!, 16)
  writeFileSync(join(folder, 'value'), Buffer.from([0, 1, 2, 0xff]))
  writeFileSync(join(folder, 'large-value'), Buffer.alloc(600, 7))
  // version 2; user::rw-, user 1000 r--, group::r--, mask r--, other ---
  const acl = Buffer.from('02000000' + '01000600ffffffff' + '02000400e8030000' + '04000400ffffffff' + '10000400ffffffff' + '20000000ffffffff', 'hex')
  writeFileSync(join(folder, 'acl'), acl)
  const commands = [
    Buffer.from(`write ${join(folder, 'value')} file\nsif file uid 70000\nsif file gid 80000\nsif file mode 0104755\nln file again\nsif file links_count 2\nsif file mtime @1700000000\n`),
    Buffer.from(`ea_set -f ${join(folder, 'value')} file user.odd\nea_set -f ${join(folder, 'large-value')} file trusted.large\nea_set -f ${join(folder, 'acl')} file system.posix_acl_access\nmknod null c 1 3\nmkdir "\xff\xfe"\n`, 'latin1'),
  ]
  tool('debugfs', ['-w', '-f', '-', path], Buffer.concat(commands) as unknown as string)
  const tree = await openTree(path)
  t.match(await tree.lstat('/file'), { type: 'file', mode: 0o4755, uid: 70000, gid: 80000, links: 2, size: 4, mtime: 1700000000 })
  t.equal(await tree.digest('/again'), await tree.digest('/file'))
  t.match(await tree.lstat('/null'), { type: 'other' })
  t.ok((await tree.list('/')).includes('\\xff\\xfe'))
  const attributes = await tree.attributes('/file')
  t.same(attributes.get('user.odd'), Buffer.from([0, 1, 2, 0xff]))
  t.same(attributes.get('trusted.large'), Buffer.alloc(600, 7))
  t.same(attributes.get('system.posix_acl_access'), acl)
})

t.test('a folder with two names, or in itself, is damage and no walk without an end', async (t) => {
  for (const commands of ['ln deep/er deep/er/round\n', 'ln deep again\n']) {
    const path = makeExt(scratch(t.teardown), VARIANTS['ext4 without journal']!, 16, source)
    tool('debugfs', ['-w', '-f', '-', path], commands)
    const tree = await openTree(path)
    await t.rejects(async () => {
      for await (const { path } of walk(tree, '/')) await tree.lstat(path)
    }, { name: 'ImageRefusal', message: /has more than one name/ })
  }
})

t.test('descriptors of an odd size, and a file larger than any, are damage', async (t) => {
  const path = makeExt(scratch(t.teardown), VARIANTS['ext4']!, 16)
  tool('debugfs', ['-w', '-f', '-', path], `write /dev/null large\nsif large size 0x7fffffffffffff\n`)
  const tree = await openTree(path)
  await t.rejects(tree.digest('/large'), { name: 'ImageRefusal', message: /has a size of/ })
  const bytes = readFileSync(path)
  bytes.writeUInt16LE(72, 1024 + 254)
  writeFileSync(path, bytes)
  await t.rejects(openTree(path), { name: 'ImageRefusal', message: /descriptor size is 72/ })
})
