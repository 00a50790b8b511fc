import { open, type FileHandle } from 'node:fs/promises'
import { inflateRawSync } from 'node:zlib'

/** Beyond this nothing is inflated: Requires-Python stands in the first lines, but a bomb stands anywhere. */
const MOST = 1024 * 1024
/** Of the directory, bytes: tens of thousands of members. */
const LONGEST_DIRECTORY = 16 * MOST

/**
 * Requires-Python of a wheel, out of METADATA in its zip: end record, central directory, that one member.
 * @returns undefined when the wheel states none
 * @throws Error when the file is no zip with a METADATA
 */
export async function readRequiresPython(path: string): Promise<string | undefined> {
  await using file = await open(path)
  const { size } = await file.stat()
  const tail = await read(file, Math.max(0, size - 65_557), Math.min(size, 65_557))
  const end = tail.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'))
  if (end < 0 || end + 22 > tail.length) throw new Error('expected a zip file, got none (cut short?)')
  const length = tail.readUInt32LE(end + 12)
  if (length > Math.min(size, LONGEST_DIRECTORY)) throw new Error('expected a zip file, got one whose directory is longer than itself or than 16 MiB')
  const directory = await read(file, tail.readUInt32LE(end + 16), length)
  for (let at = 0; at + 46 <= directory.length && directory.readUInt32LE(at) === 0x02014b50; ) {
    const nameLength = directory.readUInt16LE(at + 28)
    const name = directory.toString('utf8', at + 46, at + 46 + nameLength)
    if (/^[^/]+\.dist-info\/METADATA$/.test(name)) return requiresPython(await member(file, directory.subarray(at)))
    at += 46 + nameLength + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32)
  }
  throw new Error('expected a wheel, got a zip file without METADATA')
}

async function member(file: FileHandle, entry: Buffer): Promise<string> {
  const method = entry.readUInt16LE(10)
  const packed = entry.readUInt32LE(20)
  if (packed > MOST) throw new Error('expected METADATA below 1 MiB')
  const local = await read(file, entry.readUInt32LE(42), 30)
  const bytes = await read(file, entry.readUInt32LE(42) + 30 + local.readUInt16LE(26) + local.readUInt16LE(28), packed)
  return (method === 8 ? inflated(bytes) : bytes).toString('utf8')
}

function inflated(bytes: Buffer): Buffer {
  try {
    return inflateRawSync(bytes, { maxOutputLength: MOST })
  } catch (cause) {
    throw new Error('expected METADATA below 1 MiB, got one that is damaged or larger', { cause })
  }
}

async function read(file: FileHandle, from: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, from)
  if (bytesRead < length) throw new Error('expected a zip file, got one that is cut short')
  return buffer
}

function requiresPython(metadata: string): string | undefined {
  const head = metadata.replace(/\r\n/g, '\n').split('\n\n')[0]!
  const value = /^Requires-Python:(.*)$/im.exec(head)?.[1]?.trim()
  // PEP 440 is ASCII; whatever else stands there goes to no client.
  return value !== undefined && /^[\x20-\x7e]+$/.test(value) ? value : undefined
}
