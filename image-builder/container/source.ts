import { open, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { ImageRefusal } from '../refusal.ts'
import { runTool, said } from '../run-tool.ts'

/** How a file is named to QEMU: formats are told, never guessed (a raw disk whose guest wrote a qcow2 header into its first sector would be believed). */
export interface Blockdev {
  readonly driver: 'qcow2' | 'raw'
  readonly 'read-only': true
  readonly file: { readonly driver: 'file'; readonly filename: string; readonly 'read-only': true; readonly locking: 'off' }
  readonly backing?: Blockdev | null
}

/** An image that somebody brings; only ever read. */
export interface Source {
  readonly path: string
  readonly format: 'qcow2' | 'raw'
  /** Bytes of the disk that the guest sees. */
  readonly virtualSize: number
  /** Bytes of it that are in use at most. */
  readonly allocated: number
  /** A plain copy of the file can be worked on: a qcow2 that stands alone, without internal snapshots or leaks. */
  readonly copyable: boolean
  readonly blockdev: Blockdev
}

export interface SourceOptions {
  /** What it needs below it, nearest first, as the operator says; what the image itself names is never opened. */
  readonly backing?: readonly string[] | undefined
  /** Tools run in it. */
  readonly folder: string
  readonly signal?: AbortSignal | undefined
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
]

/**
 * Looks at a file as a container, and lets nothing in it name another file of this host.
 * @throws ImageRefusal
 */
export async function examineSource(path: string, options: SourceOptions): Promise<Source> {
  const { backing = [] } = options
  const head = await firstBytes(path)
  const other = OTHERS.find(([magic]) => head.subarray(0, magic.length).equals(typeof magic === 'string' ? Buffer.from(magic, 'latin1') : magic))
  if (other) throw new ImageRefusal(`${path} ${other[1]}`)
  if (head.subarray(0, 4).toString('latin1') === 'QFI\xfb') return await examineQcow2(path, head, options)
  if (backing.length > 0) throw new ImageRefusal(`${path} is raw and needs no backing file; leave out --backing ${backing[0]}`)
  const { size, blocks } = await stat(path)
  requireSize(path, size)
  return { path, format: 'raw', virtualSize: size, allocated: Math.min(size, blocks * 512), copyable: false, blockdev: { driver: 'raw', 'read-only': true, file: fileOf(path) } }
}

function requireSize(path: string, bytes: number): void {
  if (bytes > MAX_VIRTUAL) throw new ImageRefusal(`${path} is a disk of ${Math.round(bytes / 2 ** 30)} GiB; more than ${MAX_VIRTUAL_TEXT} is not taken`)
}

function fileOf(path: string): Blockdev['file'] {
  return { driver: 'file', filename: resolve(path), 'read-only': true, locking: 'off' }
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
  readonly snapshots?: readonly unknown[]
  readonly 'format-specific'?: { readonly data?: { readonly corrupt?: boolean } }
}

async function examineQcow2(path: string, head: Buffer, options: SourceOptions): Promise<Source> {
  const { backing = [], folder, signal } = options
  requireStandingAlone(path, head, await backingName(path, head), backing.length > 0)
  const [below, ...further] = backing
  const lower = below === undefined ? undefined : await examineSource(below, { ...options, backing: further })
  const blockdev: Blockdev = { driver: 'qcow2', 'read-only': true, file: fileOf(path), backing: lower?.blockdev ?? null }
  // The file alone: what lies below it was looked at by itself, and tools that are to leave it closed take no description of it.
  const named = `json:${JSON.stringify({ ...blockdev, backing: null })}`
  const info = await runTool('qemu-img', ['info', '-U', '--output=json', named], { cwd: folder, signal })
  if (info.code !== 0) throw new ImageRefusal(`${path} is not a whole qcow2 image: ${reason(said(info))}`)
  const facts = JSON.parse(info.stdout.toString('utf8')) as Qcow2Info
  requireSize(path, facts['virtual-size'])
  const check = await runTool('qemu-img', ['check', '-U', '--output=json', named], { cwd: folder, signal })
  // 3: leaked clusters, which lose nothing
  if (check.code !== 0 && check.code !== 3) {
    throw new ImageRefusal(`${path} is damaged or truncated: qemu-img check found errors (${reason(said(check)).replace(/^ERROR: ?/, '')})`)
  }
  const { 'allocated-clusters': clusters = 0 } = JSON.parse(check.stdout.toString('utf8')) as { 'allocated-clusters'?: number }
  const own = clusters * 2 ** head.readUInt32BE(20)
  return {
    path,
    format: 'qcow2',
    virtualSize: facts['virtual-size'],
    allocated: Math.min(own + (lower?.allocated ?? 0), facts['virtual-size']),
    copyable: check.code === 0 && !lower && head.readUInt32BE(60) === 0,
    blockdev,
  }
}

/** In the header's bytes, before any tool opens it: a tool that looks at these fields has already read the file they name. */
function requireStandingAlone(path: string, head: Buffer, backingName: string, backingGiven: boolean): void {
  const version = head.readUInt32BE(4)
  if (version !== 2 && version !== 3) throw new ImageRefusal(`${path} has qcow version ${version}; expected 2 or 3. Type: qemu-img convert -O qcow2 FILE FILE.qcow2`)
  if (head.readUInt32BE(32) !== 0) throw new ImageRefusal(`${path} is encrypted; the builder cannot look into it: use an image that is not encrypted`)
  const incompatible = version === 3 ? head.readBigUInt64BE(72) : 0n
  if ((incompatible & 4n) !== 0n) throw new ImageRefusal(`${path} keeps its data in another file (data-file); it must stand alone`)
  if ((incompatible & 2n) !== 0n) throw new ImageRefusal(`${path} is marked as corrupt. Type: qemu-img check -r all on a copy of it`)
  const needsBacking = head.readBigUInt64BE(8) !== 0n
  if (needsBacking && !backingGiven) {
    throw new ImageRefusal(
      `${path} needs a backing file (its header names ${backingName}, which is never opened by itself). Type: --backing FILE, or flatten it: qemu-img convert -O qcow2 FILE FILE.qcow2`,
    )
  }
  if (!needsBacking && backingGiven) throw new ImageRefusal(`${path} needs no backing file, but one was given; leave out --backing`)
}

/** For people alone: quoted, in ASCII and cut, since whoever made the image has chosen it. */
async function backingName(path: string, head: Buffer): Promise<string> {
  const at = Number(head.readBigUInt64BE(8))
  const length = Math.min(head.readUInt32BE(16), 60)
  if (at === 0 || !Number.isSafeInteger(at)) return 'none'
  await using file = await open(path, 'r')
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, at)
  return `"${buffer.toString('latin1', 0, bytesRead).replace(/[^ !#-[\]-~]/g, '?')}${head.readUInt32BE(16) > length ? '…' : ''}"`
}

/** What QEMU says, without the long name under which the file was given. */
function reason(text: string): string {
  return text.replace(/^qemu-img: /, '').replace(/^Could not open 'json:.*?': /, '').slice(0, 200)
}
