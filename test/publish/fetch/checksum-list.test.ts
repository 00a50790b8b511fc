import t from 'tap'
import { digestIn, listsInIndex } from '../../../publish/fetch/checksum-list.ts'

const A = 'a'.repeat(64)
const B = 'b'.repeat(128)

t.test('lists of coreutils, BSD and single files are read', async (t) => {
  t.same(digestIn(`${'c'.repeat(64)}  other.img\n${A} *jammy.img\n`, 'jammy.img'), { algorithm: 'sha256', hex: A }, 'Ubuntu')
  t.same(digestIn(`${B}  debian.qcow2\n`, 'debian.qcow2'), { algorithm: 'sha512', hex: B }, 'Debian')
  const fedora = `-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n# Fedora.qcow2: 397475840 bytes\nSHA256 (Fedora.qcow2) = ${A.toUpperCase()}\n-----BEGIN PGP SIGNATURE-----\n`
  t.same(digestIn(fedora, 'Fedora.qcow2'), { algorithm: 'sha256', hex: A }, 'Fedora and CentOS')
  t.same(digestIn(`${A}  ./base.qcow2\n`, 'base.qcow2'), { algorithm: 'sha256', hex: A })
  t.same(digestIn(`${A}\n`, 'base.qcow2'), { algorithm: 'sha256', hex: A }, 'a file with nothing else in it')
})

t.test('a list that does not name the file says nothing of it', async (t) => {
  t.equal(digestIn(`${A}  base.qcow2.zsync\n`, 'base.qcow2'), undefined)
  t.equal(digestIn(`${'d'.repeat(32)}  base.qcow2\n`, 'base.qcow2'), undefined, 'MD5 is no proof')
  t.equal(digestIn('<html><title>404</title></html>', 'base.qcow2'), undefined)
})

t.test("Fedora's list is found in the folder's index, and nothing outside of the folder", async (t) => {
  t.same(listsInIndex('<a href="Fedora-Cloud-40-1.14-x86_64-CHECKSUM">x</a> <a href="../else/x-CHECKSUM">y</a> <a href="http://else/x-CHECKSUM">z</a>'), ['Fedora-Cloud-40-1.14-x86_64-CHECKSUM'])
})
