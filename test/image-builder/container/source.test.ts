import { chmodSync, mkdirSync, readFileSync, renameSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { examineSource, type SourceOptions } from '../../../image-builder/container/source.ts'
import { openBlocks } from '../../../image-builder/container/storage-daemon.ts'
import { copyOf, overlayOver } from '../../../image-builder/container/work-image.ts'
import { scratch, tool } from '../small-image.ts'

const CONTENT = Buffer.concat([Buffer.from('a disk'), Buffer.alloc(150_000, 'content '), Buffer.alloc(2 ** 20), Buffer.alloc(4096, 'end')])
const SIZE = Math.ceil(CONTENT.length / 512) * 512
const CHANGED = Buffer.from('changed')

/** Makes an image in the folder from raw.img; @returns its path and how it is examined */
type Make = (folder: string) => { readonly path: string; readonly backing?: readonly string[] }

const qemuImg = (...args: string[]) => tool('qemu-img', args)
const converted = (...options: string[]): Make => (folder) => {
  qemuImg('convert', '-f', 'raw', '-O', 'qcow2', ...options, join(folder, 'raw.img'), join(folder, 'base.qcow2'))
  return { path: join(folder, 'base.qcow2') }
}
const chain: Make = (folder) => {
  const [lower, middle, top] = ['raw.img', 'middle.qcow2', 'top.qcow2'].map((name) => join(folder, name)) as [string, string, string]
  qemuImg('create', '-q', '-f', 'qcow2', '-F', 'raw', '-b', lower, middle)
  qemuImg('create', '-q', '-f', 'qcow2', '-F', 'qcow2', '-b', middle, top)
  return { path: top, backing: [middle, lower] }
}
/** Changes bytes of an image's header. */
const patched = (make: Make, patch: (header: Buffer) => void): Make => (folder) => {
  const made = make(folder)
  const bytes = readFileSync(made.path)
  patch(bytes)
  writeFileSync(made.path, bytes)
  return made
}
const named = (name: string): Make => (folder) => {
  const { path } = converted()(folder)
  mkdirSync(join(folder, name, '..'), { recursive: true })
  renameSync(path, join(folder, name))
  return { path: join(folder, name) }
}

const TAKEN: Readonly<Record<string, { readonly make: Make; readonly copyable: boolean }>> = {
  'qcow2 v3': { make: converted(), copyable: true },
  'qcow2 v2': { make: converted('-o', 'compat=0.10'), copyable: true },
  'compressed with zlib': { make: converted('-c'), copyable: true },
  'compressed with zstd': { make: converted('-c', '-o', 'compression_type=zstd'), copyable: true },
  'small clusters': { make: converted('-o', 'cluster_size=512'), copyable: true },
  'raw, of a size that is no multiple of a sector': { make: (folder) => ({ path: join(folder, 'raw.img') }), copyable: false },
  'an internal snapshot': { make: (folder) => (qemuImg('snapshot', '-c', 'before', converted()(folder).path), { path: join(folder, 'base.qcow2') }), copyable: false },
  'a chain of backing files': { make: chain, copyable: false },
  'a file that nobody may write': { make: (folder) => (chmodSync(converted()(folder).path, 0o444), { path: join(folder, 'base.qcow2') }), copyable: true },
  'a name that looks like JSON': { make: named('json:{"driver":"nbd"}'), copyable: true },
  'a name with a protocol': { make: named('nbd:127.0.0.1:1.qcow2'), copyable: true },
  'a name that looks like an option, with commas': { make: named('-o,backing_file=x.qcow2'), copyable: true },
  'a name with quotes and a line break': { make: named('"a\n\\.qcow2'), copyable: true },
  'a name that fits into no qcow2 header': { make: named(`${'x'.repeat(240)}/${'y'.repeat(240)}/${'z'.repeat(240)}/${'w'.repeat(240)}/base.qcow2`), copyable: true },
}

for (const [name, { make, copyable }] of Object.entries(TAKEN)) {
  t.test(`${name}: copy and layer hold the same disk, and writing to them leaves the file as it was`, async (t) => {
    const folder = prepared(t)
    const { path, backing } = make(folder)
    const before = readFileSync(path)
    const source = await examineSource(path, { folder, ...(backing && { backing }) })
    t.equal(source.copyable, copyable)
    t.ok(source.allocated > 100_000 && source.allocated <= SIZE, `${source.allocated} bytes in use`)
    for (const way of [copyOf, overlayOver]) {
      const own = join(folder, way.name)
      mkdirSync(own)
      const work = await way(source, { folder: own })
      t.equal(work.size, SIZE)
      t.equal(statSync(join(own, work.file)).mode & 0o777, 0o600, way.name)
      await using blocks = await openBlocks(work)
      t.equal(blocks.size, SIZE)
      t.ok((await blocks.read(0, CONTENT.length)).equals(CONTENT), `${way.name} has the content`)
      await blocks.write(1000, CHANGED)
    }
    t.ok(readFileSync(path).equals(before), 'the file is as it was')
  })
}

t.test('an internal snapshot does not go into the copy', async (t) => {
  const folder = prepared(t)
  const { path } = TAKEN['an internal snapshot']!.make(folder)
  await copyOf(await examineSource(path, { folder }), { folder })
  t.equal(readFileSync(join(folder, 'work.qcow2')).readUInt32BE(60), 0)
})

const encrypted: Make = patched(converted(), (header) => header.writeUInt32BE(2, 32))
const REFUSED: Readonly<Record<string, { readonly make: Make; readonly says: RegExp }>> = {
  'a backing file that is not given': { make: (folder) => ({ path: chain(folder).path }), says: /top\.qcow2 needs a backing file \(its header names ".*…?", which is never opened by itself\)\. Type: --backing FILE, or flatten/ },
  'a chain that is given in part': { make: (folder) => ({ path: chain(folder).path, backing: [join(folder, 'middle.qcow2')] }), says: /middle\.qcow2 needs a backing file/ },
  'a backing file for an image that needs none': { make: (folder) => ({ path: converted()(folder).path, backing: [join(folder, 'raw.img')] }), says: /base\.qcow2 needs no backing file/ },
  'a backing file for a raw image': { make: (folder) => ({ path: join(folder, 'raw.img'), backing: ['other.img'] }), says: /raw\.img is raw and needs no backing file; leave out --backing other\.img/ },
  'a backing file that is not there': { make: (folder) => ({ path: chain(folder).path, backing: [join(folder, 'gone.qcow2')] }), says: /gone\.qcow2 cannot be read: there is no such file/ },
  'a backing file that is another format': {
    make: (folder) => (writeFileSync(join(folder, 'x.vmdk'), Buffer.alloc(4096, 'KDMV')), { path: chain(folder).path, backing: [join(folder, 'x.vmdk')] }),
    says: /x\.vmdk is a VMDK/,
  },
  'data in another file': {
    make: (folder) => (qemuImg('create', '-q', '-f', 'qcow2', '-o', `data_file=${join(folder, 'data.raw')}`, join(folder, 'base.qcow2'), '1M'), { path: join(folder, 'base.qcow2') }),
    says: /keeps its data in another file/,
  },
  'encryption': { make: encrypted, says: /base\.qcow2 is encrypted/ },
  'the corrupt mark': { make: patched(converted(), (header) => header.writeBigUInt64BE(2n, 72)), says: /is marked as corrupt\. Type: qemu-img check -r all/ },
  'a newer version': { make: patched(converted(), (header) => header.writeUInt32BE(4, 4)), says: /has qcow version 4; expected 2 or 3/ },
  'a table that lies outside of the file': { make: patched(converted(), (header) => header.writeBigUInt64BE(2n ** 50n, 40)), says: /is not a whole qcow2 image|is damaged or truncated/ },
  'a file that is cut off': { make: (folder) => (truncateSync(converted()(folder).path, 200_000), { path: join(folder, 'base.qcow2') }), says: /is not a whole qcow2 image|is damaged or truncated/ },
  'a qcow2 of 3 TiB': { make: (folder) => (qemuImg('create', '-q', '-f', 'qcow2', join(folder, 'big.qcow2'), '3T'), { path: join(folder, 'big.qcow2') }), says: /is a disk of 3072 GiB; more than 2 TiB is not taken/ },
  'a raw file of 3 TiB': { make: (folder) => (truncateSync(join(folder, 'raw.img'), 3 * 2 ** 40), { path: join(folder, 'raw.img') }), says: /is a disk of 3072 GiB; more than 2 TiB is not taken/ },
  'an xz archive': { make: (folder) => (writeFileSync(join(folder, 'a.xz'), Buffer.concat([Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a]), Buffer.alloc(600)])), { path: join(folder, 'a.xz') }), says: /unxz FILE/ },
  'a folder': { make: (folder) => ({ path: folder }), says: /is not a file; expected a qcow2 or raw disk image/ },
}

for (const [name, { make, says }] of Object.entries(REFUSED)) {
  t.test(`refused in one line: ${name}`, async (t) => {
    const folder = prepared(t)
    const { path, backing } = make(folder)
    const error = await refusalOf(path, { folder, ...(backing && { backing }) })
    t.equal(error?.name, 'ImageRefusal')
    t.match(error?.message, says)
    t.notMatch(error?.message, /\n/)
  })
}

t.test('the name in a header is shown without what a terminal would obey', async (t) => {
  const folder = prepared(t)
  const { path } = patched(converted(), (header) => {
    header.writeBigUInt64BE(600n, 8)
    header.writeUInt32BE(1000, 16)
    header.write(`\x1b[2J"\n${'n'.repeat(100)}`, 600, 'latin1')
  })(folder)
  const error = await refusalOf(path, { folder })
  t.match(error?.message, /its header names "\?\[2J\?\?n{54}…", which/)
})

t.test('QEMU is told every format, and where the chain of files ends', async (t) => {
  const folder = prepared(t)
  const { path, backing } = chain(folder)
  const { blockdev } = await examineSource(path, { folder, backing: backing! })
  t.match(blockdev, { driver: 'qcow2', 'read-only': true, backing: { driver: 'qcow2', backing: { driver: 'raw', file: { driver: 'file' } } } })
  t.equal((await examineSource(converted()(folder).path, { folder })).blockdev.backing, null)
})

function prepared(t: Test): string {
  const folder = scratch(t.teardown.bind(t))
  writeFileSync(join(folder, 'raw.img'), CONTENT)
  return folder
}

async function refusalOf(path: string, options: SourceOptions): Promise<Error | undefined> {
  return await examineSource(path, options).then(() => undefined, (error: Error) => error)
}
