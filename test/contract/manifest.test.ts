import t from 'tap'
import { isSafePath, linkStaysInside, revisionOf, type Entry } from '../../contract/manifest.ts'

t.test('a path is safe only when it names something below the root', async (t) => {
  for (const path of ['a', 'a/b.py', '.hidden', 'a b/ü', '..a/b..', 'a'.repeat(255)]) t.equal(isSafePath(path), true, path)
  const refused = ['', '/', '/etc/passwd', '..', '../a', 'a/../b', 'a/..', './a', 'a/.', 'a//b', 'a/', 'a\0b', 'a\\b', 'ü'.repeat(128), 'a/'.repeat(3000) + 'a', 'ü/'.repeat(1400) + 'a', 'a\ud800']
  for (const path of refused) t.equal(isSafePath(path), false, path.slice(0, 40))
})

const NONE = new Map<string, string>()

t.test('a link stays inside only when no step of it leaves the root', async (t) => {
  for (const [path, target] of [['a', 'b'], ['d/a', '../b'], ['d/a', './e/../b'], ['d/e/a', '../../b']] as const) {
    t.equal(linkStaysInside(path, target, NONE), true, `${path} -> ${target}`)
  }
  for (const [path, target] of [['a', '..'], ['a', '../b'], ['a', '/etc'], ['d/a', '../../d/b'], ['a', ''], ['a', 'b/../../c'], ['a', 'b\0'], ['a', '\udfffb'], ['a', 'b/'.repeat(2100)]] as const) {
    t.equal(linkStaysInside(path, target, NONE), false, `${path} -> ${target}`)
  }
})

t.test('a link that leads out over another one is seen, and one that only looks so is not', async (t) => {
  const links = new Map([['d/e/root', '../..'], ['far', 'd/e'], ['round', 'round'], ['absolute', '/etc']])
  t.equal(linkStaysInside('a', 'd/e/root/..', links), false)
  t.equal(linkStaysInside('a', 'd/e/root/../d', links), false)
  t.equal(linkStaysInside('a', 'absolute/x', links), false)
  t.equal(linkStaysInside('a', 'far/../..', links), true)
  t.equal(linkStaysInside('a', 'round/..', links), true)
})

t.test('a revision changes with every part of every entry, and with nothing else', async (t) => {
  const file: Entry = { type: 'file', path: 'a', mode: 0o644, size: 1, sha256: '0'.repeat(64) }
  const link: Entry = { type: 'link', path: 'b', target: 'a' }
  const base = revisionOf([file, link])
  const others = [
    [file],
    [link, file],
    [{ ...file, path: 'c' }, link],
    [{ ...file, mode: 0o755 }, link],
    [{ ...file, size: 2 }, link],
    [{ ...file, sha256: '1'.repeat(64) }, link],
    [file, { ...link, target: 'c' }],
  ]
  for (const entries of others) t.not(revisionOf(entries), base)
  t.equal(revisionOf([{ sha256: file.sha256, size: 1, mode: 0o644, path: 'a', type: 'file' }, { ...link }]), base)
})
