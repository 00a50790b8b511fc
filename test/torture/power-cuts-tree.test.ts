import { spawnSync } from 'node:child_process'
import { appendFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { GUEST } from '../../contract/paths.ts'
import { treeOf } from '../../contract/source-tree.ts'
import { filesOf, layOut, Unpacking } from '../../guest-bootstrap/tree/unpack.ts'
import { keepManifest } from '../../guest-bootstrap/tree/current.ts'
import { machine, type Machine } from '../guest-bootstrap/machine.ts'
import { signedTree } from '../guest-bootstrap/signed-tree.ts'
import { oneWholeTree } from './power-cuts-tree.ts'

const TREE = { 'contrib/trove-guestagent': '#!/usr/bin/env python3\n', 'trove/a.py': 'a\n', 'trove/b c.py': 'b\n', 'trove/link.py': '-> a.py' }
const { manifest } = signedTree(TREE)

/** A guest's disk with the tree on it, and its shell. */
function guestOf(t: Test): { it: Machine; look: (revision?: string) => Promise<string | undefined>; at: (path: string) => string } {
  const it = machine(t)
  const { files } = it.system
  const folder = treeOf(manifest.revision)
  files.folder(folder)
  layOut(files, folder, manifest.entries)
  const unpacking = new Unpacking(files, folder, filesOf(manifest.entries))
  for (const path of Object.keys(TREE).sort()) if (!path.includes('link')) unpacking.write(Buffer.from(TREE[path as keyof typeof TREE]))
  unpacking.end()
  keepManifest(files, { etag: '', manifest })
  files.point(GUEST.currentSource, manifest.revision)
  const shell = async (_command: string, _login: unknown, input = '') => {
    const { status, stdout, stderr } = spawnSync('sh', ['-se'], { input: input.replaceAll('/var/lib/', `${it.root}/var/lib/`), encoding: 'utf8' })
    return { code: status ?? -1, stdout, stderr }
  }
  return { it, look: (revision = manifest.revision) => oneWholeTree({ shell }, { user: 'x' }, revision), at: (path) => join(it.root, folder, path) }
}

t.test('a tree that is whole is whole, also with what Python compiled beside it', async (t) => {
  const { look, at } = guestOf(t)
  t.equal(await look(), undefined)
  mkdirSync(at('trove/__pycache__'))
  writeFileSync(at('trove/__pycache__/a.pyc'), 'x')
  t.equal(await look(), undefined)
})

const harms: Record<string, { harm: (guest: ReturnType<typeof guestOf>) => void; says: RegExp }> = {
  'a file of another content': { harm: ({ at }) => appendFileSync(at('trove/b c.py'), 'more'), says: /1 entries are lacking \([0-9a-f]{64} {2}\.\/trove\/b c\.py\) and 1 are foreign/ },
  'a file that is gone': { harm: ({ at }) => rmSync(at('trove/a.py')), says: /lacking \(file 644 trove\/a\.py\)/ },
  'a file of another tree': { harm: ({ at }) => writeFileSync(at('trove/old.py'), ''), says: /foreign \(file 644 trove\/old\.py\)/ },
  'a file that lost its mode': { harm: ({ it }) => it.system.files.own(`${GUEST.currentSource}/contrib/trove-guestagent`, { mode: 0o644 }), says: /lacking \(file 755 contrib\/trove-guestagent\)/ },
  'what a broken try left': { harm: ({ it }) => mkdirSync(join(it.root, GUEST.source, '.half')), says: /beside the tree lies \.half/ },
  'no tree': { harm: ({ it }) => it.system.files.remove(GUEST.currentSource), says: /could not be looked at/ },
}
for (const [name, { harm, says }] of Object.entries(harms)) {
  t.test(`seen: ${name}`, async (t) => {
    const guest = guestOf(t)
    harm(guest)
    t.match(await guest.look(), says)
  })
}

t.test('another revision than the host hands out is seen', async (t) => {
  t.match(await guestOf(t).look('0'.repeat(64)), /the live tree is [0-9a-f]{64}, the host hands out 0{64}/)
})
