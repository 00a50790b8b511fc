import type { Change } from './change.ts'
import type { Tree } from './tree.ts'

/** The raw disk the builder works on, in a folder of its own. */
export interface Disk {
  /** Folder of the build; all tools run in it. */
  readonly folder: string
  /** Name of the raw file in it. */
  readonly file: string
  /** Bytes. */
  readonly size: number
  readonly signal?: AbortSignal | undefined
}

/** How the builder reaches into an image. Plan and checks are the same whichever way is taken. */
export interface Way {
  /**
   * Finds the root file system and makes sure that this way can write to it.
   * @throws ImageRefusal naming what stands in the way
   */
  open(disk: Disk): Promise<Root>
  /**
   * Makes the changes, checks the file system and reads every one of them back.
   * @throws BuildFailure; the disk is then worth nothing
   */
  change(disk: Disk, root: Root, changes: readonly Change[]): Promise<void>
}

export interface Root {
  readonly tree: Tree
  /** For people: `partition 1, ext4`. */
  readonly description: string
  readonly freeBytes: number
  readonly blockSize: number
  readonly freeInodes: number
  /** How this way names the file system to its tools. */
  readonly device: string
}
