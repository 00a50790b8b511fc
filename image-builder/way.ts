import type { Change } from './change.ts'
import type { Tree } from './tree.ts'

/** A qcow2 of the builder's own, in a folder of its own: a copy of BASE, or an overlay over it. Whatever goes wrong, it is thrown away. */
export interface WorkImage {
  /** Folder of the work; all tools run in it, and files that are needed on the way lie in it. */
  readonly folder: string
  /** Name of the qcow2 in it. */
  readonly file: string
  /** Bytes of the disk that the guest sees. */
  readonly size: number
  /** Opens LUKS; a file of this host that holds the key and nothing else. */
  readonly keyFile?: string | undefined
  readonly signal?: AbortSignal | undefined
}

export type WayName = 'direct' | 'libguestfs'

/** How the builder reaches into an image. Plan and checks are the same whichever way is taken. */
export interface Way {
  readonly name: WayName
  /**
   * Finds the root file system and makes sure that this way can read and write it.
   *
   * @param grow bytes that the disk shall have; partition and root file system grow with it
   * @throws NotThisWay when this way cannot, and the other may; ImageRefusal when no way can
   */
  open(image: WorkImage, options?: { readonly grow?: number | undefined; readonly say?: Say }): Promise<OpenImage>
}

/** Told now and then what is being done: `node, 48 of 95 MB`. */
export type Say = (text: string) => void

export interface OpenImage extends AsyncDisposable {
  readonly tree: Tree
  /** For people: `partition 1, ext4`. */
  readonly description: string
  readonly space: Space
  /**
   * Makes the changes, checks the file system and reads every one of them back from the qcow2. Once only; the tree shows them afterwards.
   * @throws NotThisWay before anything was written; BuildFailure, and the image is then worth nothing
   */
  apply(changes: readonly Change[], say?: Say): Promise<void>
}

/** Of the file system that holds /opt. */
export interface Space {
  readonly freeBytes: number
  readonly totalBytes: number
  readonly blockSize: number
  /** undefined where inodes are made as they are needed (XFS, btrfs). */
  readonly freeInodes?: number
}
