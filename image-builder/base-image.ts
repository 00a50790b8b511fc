import { open, stat } from 'node:fs/promises'
import { ImageRefusal } from './refusal.ts'
import { runTool, said } from './run-tool.ts'

export interface BaseImage {
  readonly path: string
  readonly format: 'qcow2' | 'raw'
  /** Bytes of the disk the guest sees. */
  readonly virtualSize: number
  /** Bytes of it that are in use at most. */
  readonly allocated: number
}

const MAX_VIRTUAL = 2 * 2 ** 40
const MAX_VIRTUAL_TEXT = '2 TiB'

/** What else people hand over, by the file's first bytes. */
const OTHERS: readonly (readonly [string | Buffer, string])[] = [
  [Buffer.from([0x1f, 0x8b]), 'is compressed with gzip; unpack it first: gunzip FILE'],
  [Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a]), 'is compressed with xz; unpack it first: unxz FILE'],
  [Buffer.from([0x28, 0xb5, 0x2f, 0xfd]), 'is compressed with zstd; unpack it first: unzstd FILE'],
  ['PK\x03\x04', 'is a zip archive; unpack it first'],
  ['KDMV', 'is a VMDK; convert it first: qemu-img convert -O qcow2 FILE FILE.qcow2'],
  ['vhdxfile', 'is a VHDX; convert it first: qemu-img convert -O qcow2 FILE FILE.qcow2'],
  ['conectix', 'is a VHD; convert it first: qemu-img convert -O qcow2 FILE FILE.qcow2'],
  ['<<< ', 'is a VDI; convert it first: qemu-img convert -O qcow2 FILE FILE.qcow2'],
  ['QED\0', 'is a QED image; convert it first: qemu-img convert -O qcow2 FILE FILE.qcow2'],
  ['LUKS\xba\xbe', 'is encrypted (LUKS); the builder cannot look into it: use an image that is not encrypted'],
]

/**
 * Looks at the file as a container, and lets nothing in it name another file of this host.
 * The format is told by us, never guessed by a tool: a raw disk whose guest wrote a qcow2 header into its first sector would be believed.
 *
 * @throws ImageRefusal
 */
export async function examineBase(path: string, folder: string, signal?: AbortSignal): Promise<BaseImage> {
  const head = await firstBytes(path)
  const other = OTHERS.find(([magic]) => head.subarray(0, magic.length).equals(typeof magic === 'string' ? Buffer.from(magic, 'latin1') : magic))
  if (other) throw new ImageRefusal(`${path} ${other[1]}`)
  if (head.subarray(0, 4).toString('latin1') === 'QFI\xfb') return await examineQcow2(path, head, folder, signal)
  const { size, blocks } = await stat(path)
  return { path, format: 'raw', virtualSize: size, allocated: Math.min(size, blocks * 512) }
}

async function firstBytes(path: string): Promise<Buffer> {
  const info = await stat(path).catch((cause: NodeJS.ErrnoException) => {
    throw new ImageRefusal(`${path} cannot be read: ${cause.code === 'ENOENT' ? 'there is no such file' : cause.message}`, { cause })
  })
  if (!info.isFile()) throw new ImageRefusal(`${path} is not a file; expected a qcow2 or raw disk image`)
  const handle = await open(path, 'r').catch((cause: NodeJS.ErrnoException) => {
    throw new ImageRefusal(`${path} cannot be read: ${cause.code === 'EACCES' ? 'permission denied' : cause.message}`, { cause })
  })
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(512), 0, 512, 0)
    if (bytesRead < 512) throw new ImageRefusal(`${path} is no disk image: it has only ${bytesRead} bytes`)
    return buffer
  } finally {
    await handle.close()
  }
}

interface Qcow2Info {
  readonly 'virtual-size': number
  readonly 'backing-filename'?: string
  readonly encrypted?: boolean
  readonly 'format-specific'?: { readonly data?: { readonly 'data-file'?: string; readonly corrupt?: boolean; readonly encrypt?: { readonly format: string } } }
}

async function examineQcow2(path: string, head: Buffer, folder: string, signal?: AbortSignal): Promise<BaseImage> {
  const version = head.readUInt32BE(4)
  if (version !== 2 && version !== 3) throw new ImageRefusal(`${path} has qcow version ${version}; expected 2 or 3. Type: qemu-img convert -O qcow2 FILE FILE.qcow2`)
  // Both fields are looked at in the header's bytes too: a tool that opens them has already read the file they name.
  if (head.readBigUInt64BE(8) !== 0n) throw new ImageRefusal(`${path} needs a backing file; it must stand alone. Type: qemu-img convert -O qcow2 FILE FILE.qcow2`)
  if (head.readUInt32BE(32) !== 0) throw new ImageRefusal(`${path} is encrypted; the builder cannot look into it: use an image that is not encrypted`)
  if (version === 3 && (head.readBigUInt64BE(72) & 4n) !== 0n) throw new ImageRefusal(`${path} keeps its data in another file (data-file); it must stand alone`)
  const options = { cwd: folder, signal }
  const info = await runTool('qemu-img', ['info', '-U', '--output=json', '-f', 'qcow2', path], options)
  if (info.code !== 0) throw new ImageRefusal(`${path} is not a whole qcow2 image: ${said(info).replace(/^qemu-img: /, '')}`)
  const facts = JSON.parse(info.stdout.toString('utf8')) as Qcow2Info
  const data = facts['format-specific']?.data
  if (facts['backing-filename'] !== undefined) throw new ImageRefusal(`${path} needs a backing file; it must stand alone`)
  if (data?.['data-file'] !== undefined) throw new ImageRefusal(`${path} keeps its data in another file (data-file); it must stand alone`)
  if (facts.encrypted || data?.encrypt) throw new ImageRefusal(`${path} is encrypted; the builder cannot look into it: use an image that is not encrypted`)
  if (facts['virtual-size'] > MAX_VIRTUAL) throw new ImageRefusal(`${path} is a disk of ${Math.round(facts['virtual-size'] / 2 ** 30)} GiB; more than ${MAX_VIRTUAL_TEXT} is not taken`)
  const check = await runTool('qemu-img', ['check', '-U', '--output=json', '-f', 'qcow2', path], options)
  // 3: leaked clusters, which lose nothing
  if (check.code !== 0 && check.code !== 3) {
    throw new ImageRefusal(`${path} is damaged or truncated: qemu-img check found errors (${said(check).replace(/^ERROR: ?/, '')})`)
  }
  const { 'allocated-clusters': clusters = 0 } = JSON.parse(check.stdout.toString('utf8')) as { 'allocated-clusters'?: number }
  const clusterSize = 2 ** head.readUInt32BE(20)
  return { path, format: 'qcow2', virtualSize: facts['virtual-size'], allocated: Math.min(clusters * clusterSize, facts['virtual-size']) }
}
