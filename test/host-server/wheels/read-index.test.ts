import { createHash } from 'node:crypto'
import { readFileSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { readWheelIndex, WheelsError } from '../../../host-server/wheels/read-index.ts'
import { parseDistribution } from '../../../host-server/wheels/wheel-name.ts'
import { makeWheel } from './make-wheel.ts'

t.test('names of wheels and sdists are taken apart', async (t) => {
  for (const [file, project, version] of [
    ['Foo.Bar_baz-1.0-py3-none-any.whl', 'foo-bar-baz', '1.0'],
    ['lxml-4.9.2-1build1-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl', 'lxml', '4.9.2'],
    ['python-novaclient-18.2.0.tar.gz', 'python-novaclient', '18.2.0'],
    ['x-1!2.0+local.1.zip', 'x', '1!2.0+local.1'],
  ] as const) {
    t.same(parseDistribution(file), { project, version }, file)
  }
  for (const file of ['x.whl', 'x-1.0.whl', '../x-1.0.tar.gz', 'x-y.tar.gz', 'x-1.0.exe', '.x-1.0.zip']) t.equal(parseDistribution(file), undefined, file)
})

t.test('the index knows each file by its exact name, with digest and Requires-Python', async (t) => {
  const folder = t.testdir({ 'notes.txt': '', 'broken-1.0-py3-none-any.whl': 'no zip', 'odd.whl': '', 'Sd.ist-2.tar.gz': 'x' })
  makeWheel(folder, 'tiny_thing', '1.0', '>=3.8, <4')
  makeWheel(folder, 'tiny_thing', '1.1')
  makeWheel(folder, 'cut', '1.0')
  truncateSync(join(folder, 'cut-1.0-py3-none-any.whl'), 200)
  symlinkSync('/etc/passwd', join(folder, 'link-1.0.tar.gz'))
  const index = await readWheelIndex(folder)
  const of = (file: string, project: string, version: string, more = {}) => {
    const path = join(folder, file)
    return { file, path, project, version, size: statSync(path).size, modified: statSync(path).mtimeMs, sha256: createHash('sha256').update(readFileSync(path)).digest('hex'), ...more }
  }
  const one = of('tiny_thing-1.0-py3-none-any.whl', 'tiny-thing', '1.0', { requiresPython: '>=3.8, <4' })
  const two = of('tiny_thing-1.1-py3-none-any.whl', 'tiny-thing', '1.1')
  const sdist = of('Sd.ist-2.tar.gz', 'sd-ist', '2')
  t.same([...index.projects], [['sd-ist', [sdist]], ['tiny-thing', [one, two]]])
  t.same([...index.files.keys()], [sdist.file, one.file, two.file])
  t.same(index.skipped.map(({ file }) => file), ['broken-1.0-py3-none-any.whl', 'cut-1.0-py3-none-any.whl', 'link-1.0.tar.gz', 'odd.whl'])
  writeFileSync(join(folder, 'Sd.ist-2.tar.gz'), 'other')
  const again = await readWheelIndex(folder, index)
  t.equal(again.files.get(one.file), index.files.get(one.file), 'what did not change is not read again')
  t.not(again.files.get(sdist.file)!.sha256, sdist.sha256)
})

t.test('METADATA that is made to be slow, to speak to a terminal or to be endless costs nothing', async (t) => {
  const folder = t.testdir({})
  makeWheel(folder, 'slow', '1.0', `>=3${' '.repeat(100_000)}x`)
  makeWheel(folder, 'speaks', '1.0', '\u001b[2J')
  makeWheel(folder, 'long', '1.0', 'x')
  const path = join(folder, 'long-1.0-py3-none-any.whl')
  const bytes = readFileSync(path)
  bytes.writeUInt32LE(17 * 2 ** 20, bytes.length - 22 + 12)
  writeFileSync(path, bytes)
  truncateSync(path, 20 * 2 ** 20)
  writeFileSync(path, bytes.subarray(-22), { flag: 'a' })
  const began = process.cpuUsage().user
  const index = await readWheelIndex(folder)
  t.ok(process.cpuUsage().user - began < 5e6, 'in bounded time')
  t.equal(index.files.get('speaks-1.0-py3-none-any.whl')!.requiresPython, undefined)
  t.same(index.skipped, [{ file: 'long-1.0-py3-none-any.whl', reason: 'expected a zip file, got one whose directory is longer than itself or than 16 MiB' }])
})

t.test('no folder is an empty index, a missing one an error', async (t) => {
  t.same(await readWheelIndex(undefined), { projects: new Map(), files: new Map(), skipped: [] })
  await t.rejects(readWheelIndex('/nonexistent/wheels'), new WheelsError('expected a folder of wheels at python.wheels /nonexistent/wheels, got ENOENT; make it, or remove the key'))
})
