import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, readlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { examineSource } from '../../../image-builder/container/source.ts'
import { openBlocks } from '../../../image-builder/container/storage-daemon.ts'
import { copyOf } from '../../../image-builder/container/work-image.ts'
import type { WorkImage } from '../../../image-builder/way.ts'
import { scratch, tool } from '../small-image.ts'

const MIB = 2 ** 20
const SIZE = 64 * MIB

t.test('what is written in any order, size and number at once is in the qcow2, as qemu-img sees it', async (t) => {
  const folder = scratch(t.teardown.bind(t))
  const work = await emptyImage(folder)
  const expected = Buffer.alloc(SIZE)
  {
    await using blocks = await openBlocks(work)
    for (let round = 0; round < 4; round++) {
      // Within a round no two writes meet: nobody says which of two at once comes first.
      const writes = Array.from({ length: 60 }, (_, slot) => {
        const length = 1 + (number(round, slot, 'length') % MIB)
        return { at: slot * MIB + (number(round, slot, 'at') % (MIB - length + 1)), data: Buffer.alloc(length, createHash('sha512').update(`${round} ${slot}`).digest()) }
      })
      for (const { at, data } of writes) data.copy(expected, at)
      await Promise.all(writes.map(({ at, data }) => blocks.write(at, data)))
    }
    const large = Buffer.alloc(5 * MIB + 3, 'more than one request')
    await blocks.write(7 * MIB + 1, large)
    large.copy(expected, 7 * MIB + 1)
    await blocks.flush()
    t.ok((await blocks.read(0, SIZE)).equals(expected), 'read in one piece')
    const reads = await Promise.all(Array.from({ length: 100 }, async (_, index) => {
      const at = number(index, 0, 'read') % (SIZE - 3 * MIB)
      return (await blocks.read(at, 3 * MIB - index)).equals(expected.subarray(at, at + 3 * MIB - index))
    }))
    t.notOk(reads.includes(false), 'a hundred reads at once')
  }
  writeFileSync(join(folder, 'expected.raw'), expected)
  t.match(tool('qemu-img', ['compare', '-f', 'raw', '-F', 'qcow2', join(folder, 'expected.raw'), join(folder, work.file)]), 'Images are identical')
  t.match(tool('qemu-img', ['check', '-f', 'qcow2', join(folder, work.file)]), 'No errors were found')
})

t.test('beyond the end is an error of the caller; the end itself is not', async (t) => {
  await using blocks = await openBlocks(await emptyImage(scratch(t.teardown.bind(t))))
  await blocks.write(SIZE - 3, Buffer.from('end'))
  t.equal((await blocks.read(SIZE - 3, 3)).toString(), 'end')
  t.equal((await blocks.read(SIZE, 0)).length, 0)
  await t.rejects(blocks.read(SIZE - 3, 4), RangeError)
  await t.rejects(blocks.write(SIZE, Buffer.from('x')), RangeError)
  await t.rejects(blocks.read(-1, 1), RangeError)
})

t.test('a folder with a name longer than a socket may have', async (t) => {
  const folder = join(scratch(t.teardown.bind(t)), 'a'.repeat(200), 'b'.repeat(200))
  mkdirSync(folder, { recursive: true })
  await using blocks = await openBlocks(await emptyImage(folder))
  await blocks.write(0, Buffer.from('here'))
  t.equal((await blocks.read(0, 4)).toString(), 'here')
})

t.test('a daemon that is killed: what is under way fails, and closing adds nothing to that', async (t) => {
  const work = await emptyImage(scratch(t.teardown.bind(t)))
  const blocks = await openBlocks(work)
  const write = blocks.write(0, Buffer.alloc(SIZE, 'x'))
  const write2 = blocks.write(0, Buffer.alloc(10, 'x'))
  write.catch(() => {})
  write2.catch(() => {})
  process.kill(daemonIn(t, work.folder), 'SIGKILL')
  await t.rejects(write, { name: 'BuildFailure', message: /^writing \d+ bytes at \d+: the connection to the storage daemon ended; qemu-storage-daemon was killed/ })
  await t.rejects(blocks.read(0, 1), { name: 'BuildFailure' })
  await blocks[Symbol.asyncDispose]()
})

t.test('a daemon that is killed while nothing is under way: closing says so', async (t) => {
  const work = await emptyImage(scratch(t.teardown.bind(t)))
  const blocks = await openBlocks(work)
  process.kill(daemonIn(t, work.folder), 'SIGKILL')
  await t.rejects(async () => await blocks[Symbol.asyncDispose](), { name: 'BuildFailure', message: /^qemu-storage-daemon was killed/ })
})

t.test('an interrupted build gets the reason of the interruption, and leaves no daemon', async (t) => {
  const interruption = new AbortController()
  const work = await emptyImage(scratch(t.teardown.bind(t)), interruption.signal)
  const blocks = await openBlocks(work)
  const pid = daemonIn(t, work.folder)
  const write = blocks.write(0, Buffer.alloc(SIZE, 'x'))
  write.catch(() => {})
  interruption.abort(new Error('interrupted'))
  await t.rejects(write, { message: 'interrupted' })
  await blocks[Symbol.asyncDispose]()
  t.throws(() => process.kill(pid, 0), { code: 'ESRCH' })
})

t.test('an image that cannot be opened is said in one line', async (t) => {
  const work = await emptyImage(scratch(t.teardown.bind(t)))
  truncateSync(join(work.folder, work.file), 100)
  await t.rejects(openBlocks(work), { name: 'BuildFailure', message: /^the image cannot be opened: [^\n]+$/ })
})

async function emptyImage(folder: string, signal?: AbortSignal): Promise<WorkImage> {
  const path = join(folder, 'base.qcow2')
  tool('qemu-img', ['create', '-q', '-f', 'qcow2', path, String(SIZE)])
  return await copyOf(await examineSource(path, { folder }), { folder, signal })
}

/** The process of this test's own daemon, known by the folder it runs in. */
function daemonIn(t: Test, folder: string): number {
  const children = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim().split(' ')
  const found = children.filter((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith('qemu-storage-daemon\0') && readlinkSync(`/proc/${pid}/cwd`) === folder)
  t.equal(found.length, 1, 'one daemon')
  return Number(found[0])
}

/** The same in every run. */
function number(...of: readonly unknown[]): number {
  return createHash('sha256').update(JSON.stringify(of)).digest().readUInt32BE(0)
}
