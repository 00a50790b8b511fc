import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { pipeline, type Readable } from 'node:stream'
import { createZstdDecompress } from 'node:zlib'
import type { Entry } from '../../contract/manifest.ts'
import type { Seen } from './look.ts'
import type { Before } from './write-pack.ts'

/** The pack of before is not what it was: the tree itself has to be read. */
export class PackDamaged extends Error {
  override readonly name = 'PackDamaged'
}

type FileEntry = Extract<Entry, { type: 'file' }>

/** Goes through a pack of before, in its order, and gives out what has not changed since. */
export class PackReader {
  readonly #waiting: Iterator<FileEntry>
  readonly #traces: ReadonlyMap<string, string>
  readonly #stream: Readable
  readonly #chunks: AsyncIterator<Buffer>
  #next: FileEntry | undefined
  #rest: Buffer = Buffer.alloc(0)

  constructor({ look, pack }: Before) {
    this.#traces = new Map(look.seen.map(({ path, trace }) => [path, trace]))
    this.#waiting = pack.entries.filter((entry) => entry.type === 'file').values()
    this.#next = this.#waiting.next().value
    // A failure on the way is met by whoever takes.
    this.#stream = pipeline(createReadStream(pack.file), createZstdDecompress({ chunkSize: 256 * 1024 }), () => {}) as unknown as Readable
    this.#chunks = this.#stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>
  }

  /**
   * @param one in the order of paths, which is the pack's
   * @param take is given the contents, as far as there is an entry
   * @returns undefined where the file is another or was not there
   * @throws PackDamaged
   */
  async take(one: Seen, take: (bytes: Buffer) => Promise<void>): Promise<Entry | undefined> {
    while (this.#next !== undefined && Buffer.compare(Buffer.from(this.#next.path), Buffer.from(one.path)) < 0) await this.#advance(this.#next)
    const entry = this.#next
    if (entry?.path !== one.path || this.#traces.get(one.path) !== one.trace) return undefined
    await this.#advance(entry, take)
    return entry
  }

  close(): void {
    this.#stream.destroy()
  }

  async #advance({ size, sha256, path }: FileEntry, take?: (bytes: Buffer) => Promise<void>): Promise<void> {
    const hash = createHash('sha256')
    for (let left = size; left > 0; ) {
      if (this.#rest.length === 0) {
        this.#rest = await this.#more()
      }
      const part = this.#rest.subarray(0, left)
      this.#rest = this.#rest.subarray(part.length)
      left -= part.length
      if (!take) continue
      hash.update(part)
      await take(part)
    }
    if (take && hash.digest('hex') !== sha256) throw new PackDamaged(`another content for ${path}`)
    this.#next = this.#waiting.next().value
  }

  async #more(): Promise<Buffer> {
    try {
      const { value, done } = await this.#chunks.next()
      if (!done) return value
    } catch (error) {
      throw new PackDamaged((error as Error).message, { cause: error })
    }
    throw new PackDamaged('it ends too early')
  }
}
