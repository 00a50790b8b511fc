import { createHash, type Hash } from 'node:crypto'
import { Fault } from '../../contract/fault.ts'
import type { Entry } from '../../contract/manifest.ts'
import { foldersOf, modeInTree } from '../../contract/source-tree.ts'
import type { FileSink, Files } from '../system.ts'

export type FileEntry = Extract<Entry, { type: 'file' }>

/** Folders and links of a tree; the files are still to come. @param folder a new, empty one */
export function layOut(files: Files, folder: string, entries: readonly Entry[]): void {
  const folders = new Set(entries.flatMap((entry) => foldersOf(entry.path)))
  for (const name of folders) files.folder(`${folder}/${name}`, { mode: 0o755 })
  for (const entry of entries) if (entry.type === 'link') files.symlink(`${folder}/${entry.path}`, entry.target)
}

export const filesOf = (entries: readonly Entry[]): FileEntry[] => entries.filter((entry) => entry.type === 'file')

/**
 * Cuts contents, one behind the other, into files while they come in. Nothing but the manifest's entries decides where a byte goes and how many there are;
 * each file is hashed on its way.
 *
 * @throws Fault CONTENT_DIFFERS as soon as something does not fit
 */
export class Unpacking {
  readonly #files: Files
  readonly #folder: string
  readonly #waiting: Iterator<FileEntry>
  #open: { entry: FileEntry; sink: FileSink; hash: Hash; missing: number } | undefined

  /** @param folder one that is laid out */
  constructor(files: Files, folder: string, expected: readonly FileEntry[]) {
    this.#files = files
    this.#folder = folder
    this.#waiting = expected.values()
    this.#next()
  }

  write(bytes: Buffer): void {
    let rest = bytes
    while (rest.length > 0) {
      const open = this.#open
      if (!open) throw new Fault('CONTENT_DIFFERS', {}, 'the pack is longer than its manifest says')
      const part = rest.subarray(0, open.missing)
      open.sink.write(part)
      open.hash.update(part)
      open.missing -= part.length
      rest = rest.subarray(part.length)
      if (open.missing === 0) this.#finish(open)
    }
  }

  /** @throws Fault CONTENT_DIFFERS when files are still missing */
  end(): void {
    const path = this.#open?.entry.path
    this.close()
    if (path !== undefined) throw new Fault('CONTENT_DIFFERS', { path }, `the pack ends before ${path} is whole`)
  }

  /** Lets go of the file that is open; for the way out of a failure, too. */
  close(): void {
    this.#open?.sink.close()
    this.#open = undefined
  }

  #next(): void {
    const { value: entry, done } = this.#waiting.next()
    if (done) return
    const sink = this.#files.create(`${this.#folder}/${entry.path}`, modeInTree(entry.mode))
    this.#open = { entry, sink, hash: createHash('sha256'), missing: entry.size }
    if (entry.size === 0) this.#finish(this.#open)
  }

  #finish({ entry, hash }: { entry: FileEntry; hash: Hash }): void {
    this.close()
    if (hash.digest('hex') !== entry.sha256) throw new Fault('CONTENT_DIFFERS', { path: entry.path }, `${entry.path} has another digest`)
    this.#next()
  }
}
