import t from 'tap'
import { diskOf } from '../../publish/disk-format.ts'

/** A qcow2 header of version 3. */
function qcow2({ version = 3, backing = 0, size = 4 * 2 ** 30, incompatible = 0 }): Buffer {
  const head = Buffer.alloc(512)
  head.write('QFI\xfb', 'latin1')
  head.writeUInt32BE(version, 4)
  head.writeBigUInt64BE(BigInt(backing), 8)
  head.writeBigUInt64BE(BigInt(size), 24)
  head.writeBigUInt64BE(BigInt(incompatible), 72)
  return head
}

t.test("the disk's size comes from the header, not from the file", async (t) => {
  t.same(diskOf(qcow2({}), 1000, 'x.qcow2'), { format: 'qcow2', bytes: 1000, virtualSize: 4 * 2 ** 30 })
  t.same(diskOf(Buffer.alloc(512), 2 ** 30, 'x.raw'), { format: 'raw', bytes: 2 ** 30, virtualSize: 2 ** 30 })
})

t.test('what Nova could not boot is refused, with what to type', async (t) => {
  t.throws(() => diskOf(qcow2({ backing: 512 }), 1, 'x.qcow2'), { name: 'Refusal', message: /needs another file below it.*\n {2}qemu-img convert -O qcow2 x\.qcow2 NEW\.qcow2/ })
  t.throws(() => diskOf(qcow2({ incompatible: 4 }), 1, 'x.qcow2'), { message: /needs another file/ }, 'a data file')
  t.throws(() => diskOf(qcow2({ version: 1 }), 1, 'x.qcow2'), { message: /qcow version 1/ })
  t.throws(() => diskOf(Buffer.concat([Buffer.from('fd377a585a', 'hex'), Buffer.alloc(507)]), 1, 'x.xz'), { message: /compressed with xz\.\n {2}unxz x\.xz/ })
  t.throws(() => diskOf(Buffer.concat([Buffer.from('KDMV'), Buffer.alloc(508)]), 1, 'x.vmdk'), { message: /neither qcow2 nor a raw disk/ })
})
