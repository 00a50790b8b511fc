import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { Manifest } from '../../../contract/manifest.ts'
import { numberManifest } from '../../../host-server/offer/number-manifest.ts'
import { signedTree } from '../../guest-bootstrap/signed-tree.ts'

const NOW = new Date('2026-11-25T12:00:00.000Z')
const SECONDS = NOW.getTime() / 1000

function tree(version: string, created = NOW.toISOString()): Manifest {
  const { serial: _, ...manifest } = signedTree({ 'trove/version.py': version }, { created }).manifest
  return manifest
}

function numbers(t: Test) {
  const file = join(t.testdir({}), 'serial.json')
  return { file, number: (manifest: Manifest, { key = 'k1', now = NOW } = {}) => numberManifest(file, manifest, key, now) }
}

t.test('the first serial is the time in Unix seconds, and its file is for its owner alone', async (t) => {
  const { file, number } = numbers(t)
  t.same(number(tree('1')), { ...tree('1'), serial: SECONDS })
  t.equal(statSync(file).mode & 0o777, 0o600)
})

t.test('the same tree keeps serial and time, whenever it is read again, and its file is not written', async (t) => {
  const { file, number } = numbers(t)
  const first = number(tree('1'))
  const { mtimeNs } = statSync(file, { bigint: true })
  const later = new Date(NOW.getTime() + 86_400_000)
  t.same(number(tree('1', later.toISOString()), { now: later }), first)
  t.equal(statSync(file, { bigint: true }).mtimeNs, mtimeNs)
})

t.test('each other manifest gets a larger one: another tree, the tree before again, another key', async (t) => {
  const { number } = numbers(t)
  const serials = [number(tree('1')), number(tree('2')), number(tree('1')), number(tree('1'), { key: 'k2' })].map(({ serial }) => serial)
  t.same(serials, [SECONDS, SECONDS + 1, SECONDS + 2, SECONDS + 3])
})

t.test('a clock that is set back does not set the serial back; one that goes on takes it along', async (t) => {
  const { number } = numbers(t)
  number(tree('1'))
  t.equal(number(tree('2'), { now: new Date('2016-01-01T00:00:00Z') }).serial, SECONDS + 1)
  t.equal(number(tree('3'), { now: new Date(NOW.getTime() + 60_000) }).serial, SECONDS + 60)
})

t.test('a file that was lost or damaged leaves the clock to see to it', async (t) => {
  const { file, number } = numbers(t)
  number(tree('1'))
  for (const damaged of ['', '{', '{"serial":"x"}', '[]', 'null']) {
    writeFileSync(file, damaged)
    t.equal(number(tree('1'), { now: new Date(NOW.getTime() + 5000) }).serial, SECONDS + 5)
  }
  t.match(JSON.parse(readFileSync(file, 'utf8')), { serial: SECONDS + 5 })
})

t.test('a number that cannot be kept is given to nobody', async (t) => {
  const { file } = numbers(t)
  t.throws(() => numberManifest(join(file, 'is-no-folder/serial.json'), tree('1'), 'k1', NOW), { code: /ENOENT|ENOTDIR/ })
})
