import t from 'tap'
import { mkdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Change } from '../../image-builder/change.ts'
import { libguestfs } from '../../image-builder/libguestfs/libguestfs.ts'
import { ImageRefusal } from '../../image-builder/refusal.ts'
import { readText } from '../../image-builder/tree.ts'
import { KEY, smallVolumes } from '../image-builder/libguestfs/small-volumes.ts'
import { scratch } from '../image-builder/small-image.ts'

const root = { uid: 0, gid: 0 }
const LONG = `/opt/trovestrap/${'long-'.repeat(30)}name`
const BINARY = Buffer.from([...Array(256).keys()])

const CHANGES: Change[] = [
  { kind: 'folder', path: '/opt', mode: 0o755, ...root, keep: true },
  { kind: 'folder', path: '/opt/trovestrap', mode: 0o750, ...root },
  { kind: 'file', path: '/opt/trovestrap/bytes', mode: 0o4755, uid: 107, gid: 65534, content: { bytes: BINARY } },
  { kind: 'file', path: LONG, mode: 0o600, ...root, content: { text: '' } },
  { kind: 'file', path: '/bin/through-a-link', mode: 0o755, ...root, content: { text: 'in /usr/bin\n' } },
  { kind: 'edit', path: '/etc/os-release', mode: 0o640, uid: 1, gid: 2, content: { text: 'NAME="edited"\n' }, note: 'followed' },
  { kind: 'link', path: '/etc/a link; with "quotes" and $(signs)', target: '../opt/trovestrap/bytes' },
  { kind: 'file', path: '/var/lib/trovestrap', mode: 0o644, ...root, content: { text: 'on /var\n' } },
  { kind: 'remove', path: '/usr/bin/sudo', note: 'gone' },
]

t.test('XFS, LVM with /var apart, LUKS: changed through libguestfs and read back', async (t) => {
  const folder = join(scratch(t.teardown), `${'a-folder-whose-name-is-longer-than-a-socket-may-have-'.repeat(3)}end`)
  mkdirSync(folder)
  const volumes = await smallVolumes(folder, ['xfs', 'lvm', 'luks'], { 'odd/with\nnewline': '-> two\nlines' })
  const work = (volume: keyof typeof volumes) => ({ folder, file: `${volume}.qcow2`, size: statSync(volumes[volume]).size })

  await t.test('XFS', async (t) => {
    await using image = await libguestfs.open(work('xfs'))
    t.equal(image.description, 'partition 1, xfs')
    t.equal(image.space.freeInodes, undefined)
    t.strictSame(await image.tree.list('/odd'), ['with\nnewline'])
    t.equal((await image.tree.lstat('/odd/with\nnewline'))?.target, 'two\nlines')
    t.equal(await image.tree.lstat('/nothing/at/all'), undefined)
    const wrong: Change = { kind: 'file', path: '/usr', mode: 0o644, ...root, content: { text: '' } }
    await t.rejects(image.apply([wrong]), ImageRefusal, 'a folder is not replaced by a file')

    await image.apply(CHANGES)
    t.strictSame(await image.tree.read('/opt/trovestrap/bytes', 1000), BINARY, 'the tree shows it, from the qcow2')
    t.match(await image.tree.lstat('/opt/trovestrap/bytes'), { type: 'file', mode: 0o4755, uid: 107, gid: 65534, size: 256, links: 1 })
    t.equal((await image.tree.lstat(LONG))?.mode, 0o600)
    t.equal(await readText(image.tree, '/usr/bin/through-a-link'), 'in /usr/bin\n')
    t.match(await image.tree.lstat('/usr/lib/os-release'), { type: 'file', mode: 0o640, uid: 1, gid: 2 })
    t.equal((await image.tree.lstat('/etc/os-release'))?.type, 'link')
    t.equal((await image.tree.lstat('/etc/a link; with "quotes" and $(signs)'))?.target, '../opt/trovestrap/bytes')
    t.equal(await image.tree.lstat('/usr/bin/sudo'), undefined)
  })

  await t.test('LVM, enlarged', async (t) => {
    await using image = await libguestfs.open(work('lvm'), { grow: 500 * 2 ** 20 })
    t.equal(image.description, 'LVM volume /dev/vg/root, ext4, with /var apart')
    t.ok(image.space.totalBytes > 120 * 2 ** 20, `it has ${image.space.totalBytes} bytes and had less than 96 MiB`)
    await image.apply(CHANGES)
  })

  await t.test('LUKS', async (t) => {
    const keyFile = join(folder, 'key')
    writeFileSync(keyFile, 'another key\n')
    await t.rejects(libguestfs.open({ ...work('luks'), keyFile }), /does not open .*--key-file FILE/)
    writeFileSync(keyFile, `${KEY}\n`)
    await using image = await libguestfs.open({ ...work('luks'), keyFile })
    t.equal(image.description, 'LUKS on /dev/sda1, ext4')
    const away: Change = { kind: 'file', path: '/opt/x', mode: 0o644, ...root, content: { hostFile: join(folder, 'not-there'), size: 1, sha256: '' } }
    await t.rejects(image.apply([away]), { code: 'ENOENT' })
  })
})
