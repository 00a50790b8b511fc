import t from 'tap'
import { nameOf, parseAttributeNames, parsePairs, parseStat, parseStats } from '../../../image-builder/libguestfs/parse.ts'

const stat = (ino: number, mode: number) => ['ino', 'mode', 'nlink', 'uid', 'gid', 'size', 'mtime_sec'].map((name, index) => `  st_${name}: ${[ino, mode, 2, 3, 4, 5, -6][index]}\n`).join('')

t.test('what guestfish prints of files', async (t) => {
  const file = { type: 'file', mode: 0o4755, uid: 3, gid: 4, size: 5, mtime: -6, links: 2 }
  t.strictSame(parseStats(Buffer.from(`[0] = {\n${stat(7, 0o104755)}}\n[1] = {\n${stat(-1, 0)}}\n`)), [file, undefined])
  t.strictSame(parseStat(stat(7, 0o104755).replaceAll('  ', '')), file)
  t.equal(parseStat(stat(7, 0o060600))?.type, 'other')
  t.throws(() => parseStat('nonsense'), TypeError)
})

t.test('names of attributes, whatever their values look like', async (t) => {
  const entry = (name: string, value: string, index = 0) => `[${index}] = {\n  attrname: ${name}\n  attrval: ${value}\n}\n`
  t.strictSame(parseAttributeNames(Buffer.from(entry('', '1\\x00') + entry('user.x', 'attrname: no') + entry('', '0\\x00'))), [['user.x'], []])
})

t.test('devices and names', async (t) => {
  t.strictSame(parsePairs(Buffer.from('/: /dev/sda1\n/with: colon: /dev/vg/var\n')), [['/', '/dev/sda1'], ['/with: colon', '/dev/vg/var']])
  t.equal(nameOf(Buffer.from('é')), 'é')
  t.equal(nameOf(Buffer.from([0x61, 0xff])), 'a\\xff')
})
