import { createHash, randomBytes, type Hash } from 'node:crypto'
import { constants, createWriteStream, type WriteStream } from 'node:fs'
import { mkdir, open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Transform, type TransformCallback } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { constants as zlib, createGzip, createZstdCompress } from 'node:zlib'
import type { Encoding, Entry } from '../../contract/manifest.ts'
import type { Seen } from './look.ts'
import { SnapshotError, TreeChanged } from './snapshot-error.ts'

export interface Packs {
  readonly entries: Entry[]
  /** Bytes of all files together. */
  readonly size: number
  readonly encoded: Record<Encoding, { sha256: string; size: number }>
  readonly files: Record<Encoding, string>
}

/** Trove is 5 MB. A folder of this size is not a source tree but, say, somebody's home. */
const MOST_BYTES = 1024 ** 3

/**
 * Reads every file once, and writes both encodings of the pack into `content` by their digests.
 * @param keep is given each file's path and bytes chunk by chunk
 * @throws TreeChanged when a file is not what `seen` says; nothing is left in `content` then
 */
export async function writePacks(root: string, seen: readonly Seen[], content: string, keep: (path: string, chunk: Buffer) => void, signal?: AbortSignal): Promise<Packs> {
  const size = seen.reduce((sum, one) => sum + (one.type === 'file' ? one.size : 0), 0)
  if (size > MOST_BYTES) throw new SnapshotError('refused', `expected at most 1 GiB in source.path ${root}, got ${(size / 1024 ** 3).toFixed(1)} GiB; is it the folder of a Trove checkout?`)
  await mkdir(content, { recursive: true })
  const encoders = [
    encoder('zstd', createZstdCompress({ params: { [zlib.ZSTD_c_compressionLevel]: 9 } }), content),
    encoder('gzip', createGzip({ level: 7 }), content),
  ] as const
  try {
    const entries: Entry[] = []
    for (const one of seen) {
      signal?.throwIfAborted()
      entries.push(one.type === 'link' ? { type: 'link', path: one.path, target: one.target } : await readInto(root, one, encoders, keep))
    }
    const [zstd, gzip] = await Promise.all(encoders.map((each) => each.finish()))
    await syncFolder(content)
    return {
      entries,
      size,
      encoded: { zstd: zstd!.encoded, gzip: gzip!.encoded },
      files: { zstd: zstd!.file, gzip: gzip!.file },
    }
  } catch (error) {
    await Promise.all(encoders.map((each) => each.abandon()))
    throw error
  }
}

async function readInto(root: string, one: Seen, encoders: readonly Encoder[], keep: (path: string, chunk: Buffer) => void): Promise<Entry> {
  const hash = createHash('sha256')
  await using file = await openFile(join(root, one.path))
  let size = 0
  for (;;) {
    const chunk = Buffer.allocUnsafe(Math.min(Math.max(one.size - size, 0) + 1, 256 * 1024))
    const { bytesRead } = await file.read(chunk, 0, chunk.length, null)
    if (bytesRead === 0) break
    const bytes = chunk.subarray(0, bytesRead)
    size += bytesRead
    if (size > one.size) throw new TreeChanged(one.path)
    hash.update(bytes)
    keep(one.path, bytes)
    await Promise.all(encoders.map((each) => each.write(bytes)))
  }
  if (size !== one.size) throw new TreeChanged(one.path)
  return { type: 'file', path: one.path, mode: one.mode, size, sha256: hash.digest('hex') }
}

/** Never through a link, and never waiting for a pipe that took the file's place. */
async function openFile(path: string) {
  try {
    return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ELOOP' || code === 'ENOTDIR' || code === 'ENXIO') throw new TreeChanged(path, { cause: error })
    throw new SnapshotError('missing', `${path} cannot be read (${code}); let the user of host-server read it, or add it to source.exclude`, { cause: error })
  }
}

interface Encoder {
  write(bytes: Buffer): Promise<void>
  finish(): Promise<{ encoded: { sha256: string; size: number }; file: string }>
  abandon(): Promise<void>
}

function encoder(name: Encoding, compress: Transform, content: string): Encoder {
  const beside = join(content, `.new-${name}-${randomBytes(6).toString('hex')}`)
  const digest = new Digest()
  // Mode 0600: a tree may hold more than the operator thinks.
  const out: WriteStream = createWriteStream(beside, { mode: 0o600, flush: true })
  const done = pipeline(compress, digest, out)
  let failed: unknown
  done.catch((error: unknown) => (failed = error))
  return {
    async write(bytes) {
      if (failed) throw failed
      // One chunk at a time: what zstd makes of its last chunk depends on whether the end is known by then.
      await Promise.race([new Promise<void>((resolve) => compress.write(bytes, () => resolve())), done])
      if (failed) throw failed
    },
    async finish() {
      compress.end()
      await done
      const sha256 = digest.hash.digest('hex')
      const file = join(content, sha256)
      await rename(beside, file)
      return { encoded: { sha256, size: digest.size }, file }
    },
    async abandon() {
      compress.destroy()
      await done.catch(() => undefined)
      await rm(beside, { force: true })
    },
  }
}

class Digest extends Transform {
  readonly hash: Hash = createHash('sha256')
  size = 0

  override _transform(chunk: Buffer, _encoding: BufferEncoding, callback: TransformCallback): void {
    this.hash.update(chunk)
    this.size += chunk.length
    callback(null, chunk)
  }
}

async function syncFolder(folder: string): Promise<void> {
  await using handle = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY)
  await handle.sync()
}
