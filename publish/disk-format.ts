import { open } from 'node:fs/promises'
import { Refusal } from './refusal.ts'

/** A disk image as Glance is told of it. */
export interface Disk {
  readonly format: 'qcow2' | 'raw'
  /** Bytes of the file. */
  readonly bytes: number
  /** Bytes of the disk that the guest sees. */
  readonly virtualSize: number
}

/** What else is brought, by its first bytes. */
const OTHERS: readonly (readonly [string, string])[] = [
  ['\x1f\x8b', 'is compressed with gzip.\n  gunzip FILE      unpacks it'],
  ['\xfd7zXZ', 'is compressed with xz.\n  unxz FILE      unpacks it'],
  ['\x28\xb5\x2f\xfd', 'is compressed with zstd.\n  unzstd FILE      unpacks it'],
  ['PK\x03\x04', 'is a zip archive.\n  unzip FILE      unpacks it'],
  ...['KDMV', 'vhdxfile', 'conectix', '<<< ', 'QED\0'].map((magic): [string, string] => [magic, 'is neither qcow2 nor a raw disk.\n  qemu-img convert -O qcow2 FILE FILE.qcow2      makes a qcow2 of it']),
]

const HEADER = 512

/**
 * What the file's header says; nothing that it names is opened.
 * @throws Refusal when Glance would take it and Nova could not boot it
 */
export async function examineDisk(path: string): Promise<Disk> {
  await using file = await open(path).catch((cause: NodeJS.ErrnoException) => {
    throw new Refusal(`${path} cannot be read: ${cause.code === 'ENOENT' ? 'there is no such file' : cause.code}`, { cause })
  })
  const info = await file.stat()
  if (!info.isFile()) throw new Refusal(`${path} is no file; expected a qcow2 or raw disk image`)
  const { buffer, bytesRead } = await file.read(Buffer.alloc(HEADER), 0, HEADER, 0)
  if (bytesRead < HEADER) throw new Refusal(`${path} is no disk image: it has only ${bytesRead} bytes`)
  return diskOf(buffer, info.size, path)
}

/** @param head the first 512 bytes @param bytes of the whole file */
export function diskOf(head: Buffer, bytes: number, path: string): Disk {
  const text = head.toString('latin1')
  const other = OTHERS.find(([magic]) => text.startsWith(magic))
  if (other !== undefined) throw new Refusal(`${path} ${other[1].replaceAll('FILE', path)}`)
  if (!text.startsWith('QFI\xfb')) return { format: 'raw', bytes, virtualSize: bytes }
  const version = head.readUInt32BE(4)
  if (version !== 2 && version !== 3) throw new Refusal(`${path} has qcow version ${version}; expected 2 or 3.\n  qemu-img convert -O qcow2 ${path} NEW.qcow2`)
  const needsOthers = head.readBigUInt64BE(8) !== 0n || (version === 3 && (head.readBigUInt64BE(72) & 4n) !== 0n)
  if (needsOthers) throw new Refusal(`${path} needs another file below it, which Nova would not have.\n  qemu-img convert -O qcow2 ${path} NEW.qcow2      makes one that stands alone`)
  return { format: 'qcow2', bytes, virtualSize: Number(head.readBigUInt64BE(24)) }
}
