import t from 'tap'
import { readText, realPath, type Tree, type TreeNode } from '../../image-builder/tree.ts'

/** A tree of links, folders (empty string) and files. */
function tree(entries: Readonly<Record<string, string>>): Tree {
  const node = (path: string): TreeNode | undefined => {
    const text = entries[path]
    if (text === undefined) return undefined
    const type = text.startsWith('-> ') ? 'link' : text === '' ? 'folder' : 'file'
    return { type, mode: 0o755, uid: 0, gid: 0, size: text.length, mtime: 0, links: 1, ...(type === 'link' ? { target: text.slice(3) } : {}) }
  }
  return {
    lstat: async (path) => node(path),
    list: async () => [],
    read: async (path, limit) => Buffer.from(entries[path]!).subarray(0, limit),
    digest: async () => '',
    attributes: async () => new Map(),
  }
}

const TREE = tree({
  '/usr': '', '/usr/lib': '', '/usr/lib/os': 'text', '/lib': '-> usr/lib', '/etc': '', '/etc/os': '-> ../lib/os', '/up': '-> ../../../../usr/lib', '/abs': '-> /etc/os',
  '/circle': '-> circle2', '/circle2': '-> circle', '/dangling': '-> /nowhere/x',
})

t.test('links are resolved inside the image: `..` above the root stays at the root, absolute targets begin there', async (t) => {
  t.equal(await realPath(TREE, '/etc/os'), '/usr/lib/os')
  t.equal(await realPath(TREE, '/up/os'), '/usr/lib/os')
  t.equal(await realPath(TREE, '/abs'), '/usr/lib/os')
  t.equal(await realPath(TREE, '/../../etc/./os'), '/usr/lib/os')
  t.equal(await readText(TREE, '/abs'), 'text')
})

t.test('circles and links to nothing lead nowhere; what is to be made may be missing', async (t) => {
  t.equal(await realPath(TREE, '/circle'), undefined)
  t.equal(await realPath(TREE, '/dangling'), undefined)
  t.equal(await realPath(TREE, '/lib/new/file', true), '/usr/lib/new/file')
  t.equal(await readText(TREE, '/usr/lib'), undefined)
})
