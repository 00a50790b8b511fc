import t from 'tap'
import { quotePath, quoteWord, renderCommands } from '../../../image-builder/direct/commands.ts'
import { ImageRefusal } from '../../../image-builder/refusal.ts'

t.test('what debugfs would take for another command, another name or a host command is refused', async (t) => {
  const bad = ['/a\n!touch PWNED', '/a\rb', '/a\0b', 'relative', '/a/../b', '/a/./b', '/a//b', `/${'x'.repeat(256)}`, '<11>', '', `/${'ab/'.repeat(1000)}c`]
  for (const path of bad) t.throws(() => quotePath(path), ImageRefusal, JSON.stringify(path.slice(0, 30)))
  for (const word of ['a\nb', 'a\rb', 'a\0b', '', 'x'.repeat(2001)]) t.throws(() => quoteWord(word), ImageRefusal)
})

t.test('names with spaces, quotes and signs stay one word', async (t) => {
  t.equal(quotePath('/a b/c"d;#\\'), '"/a b/c""d;#\\"')
  t.equal(quotePath('/'), '"/"')
})

t.test('a thing that is there is removed before it is written; a folder that is kept is not touched', async (t) => {
  const root = { uid: 0, gid: 0 }
  const at = { node: undefined, made: false, attributes: [] }
  const text = renderCommands([
    { change: { kind: 'folder', path: '/opt', mode: 0o755, ...root, keep: true }, path: '/opt', exists: 'folder', ...at },
    { change: { kind: 'folder', path: '/opt/x', mode: 0o700, uid: 7, gid: 70000 }, path: '/opt/x', exists: 'nothing', ...at },
    { change: { kind: 'file', path: '/opt/x/f', mode: 0o4755, ...root, content: { text: 'a' } }, path: '/opt/x/f', exists: 'thing', source: 'source-2', ...at },
    { change: { kind: 'edit', path: '/e', mode: 0o600, ...root, content: { text: 'a' }, note: '' }, path: '/etc/e', exists: 'thing', source: 'source-3', ...at, attributes: [{ attribute: 'security.selinux', file: 'source-3-0' }] },
    { change: { kind: 'link', path: '/opt/l', target: 'x/f' }, path: '/opt/l', exists: 'nothing', ...at },
    { change: { kind: 'remove', path: '/gone', note: '' }, path: '/gone', exists: 'thing', ...at },
    { change: { kind: 'remove', path: '/folder', note: '' }, path: '/folder', exists: 'folder', ...at },
    { change: { kind: 'remove', path: '/never', note: '' }, path: '/never', exists: 'nothing', ...at },
  ])
  t.equal(
    text,
    `mkdir "/opt/x"
sif "/opt/x" mode 040700
sif "/opt/x" uid 7
sif "/opt/x" gid 70000
rm "/opt/x/f"
write "source-2" "/opt/x/f"
sif "/opt/x/f" mode 0104755
sif "/opt/x/f" uid 0
sif "/opt/x/f" gid 0
rm "/etc/e"
write "source-3" "/etc/e"
sif "/etc/e" mode 0100600
sif "/etc/e" uid 0
sif "/etc/e" gid 0
ea_set -f "source-3-0" "/etc/e" "security.selinux"
symlink "/opt/l" "x/f"
rm "/gone"
rmdir "/folder"
`,
  )
})
