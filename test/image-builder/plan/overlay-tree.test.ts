import t from 'tap'
import type { Change } from '../../../image-builder/change.ts'
import { overlayTree } from '../../../image-builder/plan/overlay-tree.ts'
import { readText, stat, walk, type Tree } from '../../../image-builder/tree.ts'
import { applied, listing, memoryTree } from './memory-tree.ts'

const BASE = () => memoryTree({ '/a/b/c': 'old', '/a/b/d': { text: 'kept', attributes: { 'user.x': 'y' } }, '/a/link': '-> b', '/e': { folder: true, mode: 0o700 }, '/f': { text: 'f', attributes: { 'user.x': 'z' } } })
const owned = { mode: 0o640, uid: 1, gid: 2 }
const CHANGES: readonly Change[] = [
  { kind: 'remove', path: '/a/b/c', note: '' },
  { kind: 'remove', path: '/a/link', note: '' },
  { kind: 'folder', path: '/a/new', ...owned },
  { kind: 'file', path: '/a/new/file', ...owned, content: { text: 'new' } },
  { kind: 'edit', path: '/a/b/d', ...owned, content: { bytes: Buffer.from('edited') }, note: '' },
  { kind: 'file', path: '/f', ...owned, content: { text: 'other' } },
  { kind: 'folder', path: '/e', ...owned, keep: true },
  { kind: 'link', path: '/a/current', target: 'new' },
]

async function seen(tree: Tree): Promise<Record<string, string>> {
  const lines: Record<string, string> = {}
  for await (const { path, node } of walk(tree, '/')) {
    const attributes = [...(await tree.attributes(path))].map(([name, value]) => ` ${name}=${value}`).join('')
    lines[path] = `${node.type} ${node.mode.toString(8)} ${node.uid}:${node.gid}${node.type === 'file' ? ` ${JSON.stringify((await tree.read(path, 100)).toString())}` : ''}${node.target === undefined ? '' : ` -> ${node.target}`}${attributes}`
  }
  return lines
}

t.test('it shows what making the changes would give', async (t) => {
  const over = overlayTree(BASE(), CHANGES)
  t.same(await seen(over), listing(applied(BASE(), CHANGES)))
  t.equal(await readText(over, '/a/current/file'), 'new')
  t.equal((await stat(over, '/a/current/file'))?.path, '/a/new/file')
  t.equal(await over.digest('/f'), await applied(BASE(), CHANGES).digest('/f'))
  t.equal((await over.read('/f', 2)).toString(), 'ot')
})

t.test('a folder that goes and comes back is a new one', async (t) => {
  const over = overlayTree(BASE(), [
    { kind: 'remove', path: '/a/b', note: '' },
    { kind: 'folder', path: '/a/b', ...owned },
    { kind: 'link', path: '/a/b/x', target: 'y' },
  ])
  t.same(await over.list('/a/b'), ['x'])
  t.equal(await over.lstat('/a/b/d'), undefined)
  t.equal((await overlayTree(BASE(), [{ kind: 'remove', path: '/a', note: '' }]).lstat('/a/b/d')), undefined)
})
