import t from 'tap'
import { describeChange, type Change } from '../../../image-builder/change.ts'
import { compose } from '../../../image-builder/plan/compose.ts'
import { settle } from '../../../image-builder/plan/settle.ts'
import { ImageRefusal } from '../../../image-builder/refusal.ts'
import { memoryTree } from './memory-tree.ts'

const owned = { mode: 0o755, uid: 0, gid: 0 }
const remove = (path: string): Change => ({ kind: 'remove', path, note: 'n' })
const file = (path: string, text = 'x'): Change => ({ kind: 'file', path, ...owned, content: { text } })
const folder = (path: string, keep = false): Change => ({ kind: 'folder', path, ...owned, ...(keep ? { keep } : {}) })
const edit = (path: string): Change => ({ kind: 'edit', path, ...owned, content: { text: 'e' }, note: 'n' })
const said = (changes: readonly Change[]): string[] => changes.map((change) => describeChange(change).split(' ').slice(0, 2).join(' '))

t.test('each path once: the last word counts, what is not there is not removed, contents go before their folder and come after it', async (t) => {
  const tree = memoryTree({ '/a/b/c': '', '/a/b/d': '', '/f': '' })
  t.same(said(await compose(tree, [[remove('/a/b'), remove('/a/b/c'), remove('/a/b/d'), remove('/nothing'), remove('/f')], [file('/n/m/x'), folder('/n/m'), folder('/n'), file('/f')]])), [
    'remove /a/b/d', 'remove /a/b/c', 'remove /a/b', 'folder /n', 'folder /n/m', 'file /n/m/x', 'file /f',
  ])
  t.same(said(await compose(tree, [[file('/new')], [remove('/new')]])), [], 'what came and went was never there')
})

t.test('an edit of what a list before it wrote anew has no attributes to keep', async (t) => {
  const tree = memoryTree({ '/f': '' })
  t.same(said(await compose(tree, [[file('/f')], [edit('/f')]])), ['file /f'])
  t.same(said(await compose(tree, [[edit('/f')], [edit('/f')]])), ['edit /f'])
  t.match(await compose(tree, [[folder('/d')], [folder('/d', true)]]), [{ path: '/d', keep: undefined }])
})

t.test('a file in the place of a folder, or the other way round, is refused', async (t) => {
  const tree = memoryTree({ '/d/x': '', '/f': '' })
  await t.rejects(compose(tree, [[file('/d')]]), ImageRefusal)
  await t.rejects(compose(tree, [[folder('/f')]]), ImageRefusal)
})

t.test('links above are followed, missing folders made, kept ones that are there left out', async (t) => {
  const tree = memoryTree({ '/real/x': '', '/link': '-> ../../real', '/loop': '-> loop', '/to': '-> missing', '/tofile': '-> real/x' })
  t.same(said(await settle(tree, [folder('/real', true), folder('/link', true), file('/link/y/z'), folder('/link/y', true), edit('/link/x'), file('/link'), file('/to/q')])), [
    'folder /real/y', 'file /real/y/z', 'edit /real/x', 'file /link', 'folder /missing', 'file /missing/q',
  ])
  await t.rejects(settle(tree, [folder('/tofile')]), { message: '/tofile in the image is or leads to a file (/real/x), where a folder is needed' })
  await t.rejects(settle(tree, [file('/loop/x')]), ImageRefusal)
  await t.rejects(settle(tree, [file('/real/x/y')]), ImageRefusal)
})
