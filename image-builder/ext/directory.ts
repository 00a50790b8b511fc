import { damaged } from './damaged.ts'

/**
 * Names of one block of a folder with their inodes, `..` among them, `.` left out. Blocks of an index (htree) look like one empty entry
 * to those who do not know it, on purpose.
 */
export function* entriesOf(block: Buffer, folder: number): Generator<{ readonly name: string; readonly inode: number }> {
  for (let at = 0; at + 8 <= block.length; ) {
    const inode = block.readUInt32LE(at)
    const length = recordLength(block.readUInt16LE(at + 4), block.length)
    const nameLength = block[at + 6]!
    if (length < 8 || length % 4 !== 0 || at + length > block.length || nameLength + 8 > length) throw damaged(`the folder in inode ${folder} has a broken entry`)
    const bytes = block.subarray(at + 8, at + 8 + nameLength)
    const name = nameOf(bytes)
    if (inode !== 0 && name !== '.') {
      if (nameLength === 0 || bytes.includes(0) || bytes.includes(0x2f)) throw damaged(`the folder in inode ${folder} has a name with a slash or a zero in it`)
      yield { name, inode }
    }
    at += length
  }
}

/** A length that does not fit 16 bits (blocks of 64 KiB) is said by 0 or 65535. */
function recordLength(stored: number, blockSize: number): number {
  return blockSize === 65536 && (stored === 0 || stored === 65535) ? 65536 : stored
}

/** UTF-8, or its bytes with everything else as `\xNN`. */
function nameOf(bytes: Buffer): string {
  const text = bytes.toString('utf8')
  if (Buffer.from(text).equals(bytes)) return text
  return [...bytes].map((byte) => (byte < 0x80 ? String.fromCharCode(byte) : `\\x${byte.toString(16)}`)).join('')
}
