import { mkdirSync, writeFileSync } from 'node:fs'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { linesFromEnd, LONGEST_LINE, newestLines } from '../../../diagnosis/collect/log-tail.ts'

const BYTES = 1024 * 1024

t.test('a file is read from its last line to its first, with or without a newline at its end', async (t) => {
  const { path } = file(t, 'one\ntwo\n\nfour')
  t.same(await all(path), ['four', '', 'two', 'one'])
  t.same(await all(file(t, 'one\ntwo\n').path), ['two', 'one'])
  t.same(await all(file(t, 'one').path), ['one'])
  t.same(await all(file(t, '').path), [])
  t.same(await all(file(t, '\n\n').path), ['', ''])
})

t.test('lines that go over the edge of what is read at once come out whole', async (t) => {
  const lines = Array.from({ length: 30_000 }, (_, at) => `line ${at} é ${'x'.repeat(at % 60)}`)
  const { path } = file(t, lines.join('\n'))
  t.same((await all(path, 16 * BYTES)).reverse(), lines)
})

t.test('of a line that is too long its beginning is kept, and its neighbours', async (t) => {
  const { path } = file(t, `before\nlong ${'ü'.repeat(2 * BYTES)}\nafter\n`)
  const [after, long, before] = await all(path, 16 * BYTES)
  t.equal(long, `long ${'ü'.repeat(LONGEST_LINE - 5)}`)
  t.same([before, after], ['before', 'after'])
})

t.test('nothing is read in front of the limit, and the line that is cut by it is left out', async (t) => {
  const { path } = file(t, 'aaaa\nbbbb\ncccc\n')
  t.same(await all(path, 7), ['cccc'])
})

t.test('the newest lines that are wanted come oldest first', async (t) => {
  const { path } = file(t, 'a1\nb1\na2\nb2\na3\n')
  t.same(await newestLines(path, 2, { bytes: BYTES }, (line) => line.startsWith('a')), ['a2', 'a3'])
})

t.test('a log of hundreds of MB costs no more than its end', async (t) => {
  const { path } = file(t, '')
  execFileSync('truncate', ['-s', '600M', path])
  writeFileSync(path, '\nthe last line\n', { flag: 'a' })
  const before = process.memoryUsage().rss
  t.same(await newestLines(path, 1, { bytes: BYTES }), ['the last line'])
  t.ok((await all(path, 64 * BYTES)).length > 0)
  t.ok(process.memoryUsage().rss - before < 64 * BYTES, 'memory does not grow with what is read')
})

t.test('a folder, a pipe and a device are refused at once', async (t) => {
  const dir = t.testdir()
  execFileSync('mkfifo', [join(dir, 'pipe')])
  mkdirSync(join(dir, 'folder'))
  for (const path of [join(dir, 'pipe'), join(dir, 'folder'), '/dev/zero']) await t.rejects(all(path), { code: 'EINVAL' }, path)
  await t.rejects(all(join(dir, 'absent')), { code: 'ENOENT' })
})

t.test('who gives up reading is heard', async (t) => {
  const { path } = file(t, 'one\n')
  await t.rejects(newestLines(path, 1, { bytes: BYTES, signal: AbortSignal.abort(new Error('enough')) }), { message: 'enough' })
})

function file(t: Test, text: string): { path: string } {
  const path = join(t.testdir({}), 'file.log')
  writeFileSync(path, text)
  return { path }
}

async function all(path: string, bytes = BYTES): Promise<string[]> {
  const lines: string[] = []
  for await (const line of linesFromEnd(path, { bytes })) lines.push(line)
  return lines
}
