import { createHash, randomBytes, type Hash } from 'node:crypto'
import { closeSync, constants, createWriteStream, fstatSync, openSync, readSync, type WriteStream } from 'node:fs'
import { mkdir, open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Transform, type TransformCallback } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { constants as zlib, createZstdCompress } from 'node:zlib'
import type { Entry } from '../../contract/manifest.ts'
import type { Look, Seen } from './look.ts'
import { PackReader } from './pack-reader.ts'
import { SnapshotError, TreeChanged } from './snapshot-error.ts'

export interface Pack {
  readonly entries: Entry[]
  /** Bytes of all files together. */
  readonly size: number
  readonly encoded: { readonly sha256: string; readonly size: number }
  /** Named by its digest. */
  readonly file: string
}

/** A pack and the look it was made after: what has not changed since is taken from it and not read again. */
export interface Before {
  readonly look: Look
  readonly pack: Pack
}

/** Trove is 5 MB. A folder of this size is not a source tree but, say, somebody's home. */
const MOST_BYTES = 1024 ** 3
/** Bytes that are compressed at a time. Always so many: what zstd makes of them depends on it, and the same tree shall make the same pack. */
const CHUNK = 256 * 1024
/** The highest (9) that was worth its time makes Trove's pack an eleventh smaller, in twice the time: whoever follows the tree waits for it. */
const LEVEL = 5

/**
 * Writes the contents of all files, one behind the other, compressed, into `content` by their digest. Each file is read once, or not at
 * all where it lies in the pack of before unchanged.
 * @param keep is given each file's path and bytes chunk by chunk
 * @throws TreeChanged when a file is not what `seen` says; nothing is left in `content` then
 */
export async function writePack(root: string, seen: readonly Seen[], content: string, keep: (path: string, chunk: Buffer) => void, { signal, before }: { signal?: AbortSignal; before?: Before | undefined } = {}): Promise<Pack> {
  const size = seen.reduce((sum, one) => sum + (one.type === 'file' ? one.size : 0), 0)
  if (size > MOST_BYTES) throw new SnapshotError('refused', `expected at most 1 GiB in source.path ${root}, got ${(size / 1024 ** 3).toFixed(1)} GiB; is it the folder of a Trove checkout?`)
  await mkdir(content, { recursive: true })
  const out = new PackWriter(content)
  const known = before && new PackReader(before)
  try {
    const entries: Entry[] = []
    for (const one of seen) {
      signal?.throwIfAborted()
      if (one.type === 'link') {
        entries.push({ type: 'link', path: one.path, target: one.target })
        continue
      }
      const take = async (bytes: Buffer): Promise<void> => {
        keep(one.path, bytes)
        await out.write(bytes)
      }
      entries.push((await known?.take(one, take)) ?? (await readInto(root, one, take)))
    }
    return { entries, size, ...(await out.finish()) }
  } catch (error) {
    await out.abandon()
    throw error
  } finally {
    known?.close()
  }
}

async function readInto(root: string, one: Seen, take: (bytes: Buffer) => Promise<void>): Promise<Entry> {
  const hash = createHash('sha256')
  const file = openFile(join(root, one.path))
  try {
    let size = 0
    for (;;) {
      const chunk = Buffer.allocUnsafe(Math.min(Math.max(one.size - size, 0) + 1, CHUNK))
      const length = readSync(file, chunk, 0, chunk.length, null)
      if (length === 0) break
      const bytes = chunk.subarray(0, length)
      size += length
      if (size > one.size) throw new TreeChanged(one.path)
      hash.update(bytes)
      await take(bytes)
    }
    if (size !== one.size) throw new TreeChanged(one.path)
  } finally {
    closeSync(file)
  }
  return { type: 'file', path: one.path, mode: one.mode, size: one.size, sha256: hash.digest('hex') }
}

/** Never through a link, and never waiting for a pipe that took the file's place. */
function openFile(path: string): number {
  try {
    const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    if (fstatSync(file).isFile()) return file
    closeSync(file)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ELOOP' || code === 'ENOTDIR' || code === 'ENXIO') throw new TreeChanged(path, { cause: error })
    throw new SnapshotError('missing', `${path} cannot be read (${code}); let the user of host-server read it, or add it to source.exclude`, { cause: error })
  }
  throw new TreeChanged(path)
}

/** A pack that comes into being: compressed, hashed and on its way to the disk at once. */
class PackWriter {
  readonly #compress = createZstdCompress({ params: { [zlib.ZSTD_c_compressionLevel]: LEVEL } })
  readonly #digest = new Digest()
  readonly #content: string
  readonly #beside: string
  readonly #done: Promise<void>
  #chunk = Buffer.allocUnsafe(CHUNK)
  #filled = 0
  #failed: unknown

  constructor(content: string) {
    this.#content = content
    this.#beside = join(content, `.new-${randomBytes(6).toString('hex')}`)
    // Mode 0600: a tree may hold more than the operator thinks.
    const out: WriteStream = createWriteStream(this.#beside, { mode: 0o600, flush: true })
    this.#done = pipeline(this.#compress, this.#digest, out)
    this.#done.catch((error: unknown) => (this.#failed = error))
  }

  async write(bytes: Buffer): Promise<void> {
    for (let at = 0; at < bytes.length; ) {
      const part = Math.min(bytes.length - at, CHUNK - this.#filled)
      bytes.copy(this.#chunk, this.#filled, at, at + part)
      this.#filled += part
      at += part
      if (this.#filled === CHUNK) await this.#send()
    }
  }

  async finish(): Promise<Pick<Pack, 'encoded' | 'file'>> {
    await this.#send()
    this.#compress.end()
    await this.#done
    const sha256 = this.#digest.hash.digest('hex')
    const file = join(this.#content, sha256)
    await rename(this.#beside, file)
    await syncFolder(this.#content)
    return { encoded: { sha256, size: this.#digest.size }, file }
  }

  async abandon(): Promise<void> {
    this.#compress.destroy()
    await this.#done.catch(() => undefined)
    await rm(this.#beside, { force: true })
  }

  /** One chunk at a time: what zstd makes of its last one depends on whether the end is known by then. */
  async #send(): Promise<void> {
    if (this.#failed) throw this.#failed
    if (this.#filled === 0) return
    const chunk = this.#chunk.subarray(0, this.#filled)
    await Promise.race([new Promise<void>((resolve) => this.#compress.write(chunk, () => resolve())), this.#done])
    if (this.#failed) throw this.#failed
    this.#chunk = Buffer.allocUnsafe(CHUNK)
    this.#filled = 0
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
