import type { Disk } from './disk-format.ts'

/** A file that goes into Glance. */
export interface ImageFile {
  readonly path: string
  readonly bytes: number
  readonly sha512: string
}

export interface PublishWish {
  readonly image: ImageFile & Disk
  /** Booted in place of a boot loader in the image. */
  readonly kernel?: ImageFile
  readonly initrd?: ImageFile
  readonly commandLine?: string
  /** Glance's name of a new image; one that is there keeps its own unless `rename`. */
  readonly name: string
  readonly rename: boolean
  /** By these and others Trove finds an image where its version names none. */
  readonly tags: readonly string[]
  readonly properties: Readonly<Record<string, string>>
  readonly visibility?: Visibility
  readonly datastore: string
  readonly version: string
  readonly manager?: string
  readonly makeDefault: boolean
  readonly older: 'keep' | 'deactivate'
}

export const VISIBILITIES = ['private', 'shared', 'community', 'public'] as const
export type Visibility = (typeof VISIBILITIES)[number]

/** Managers that Trove has since it keeps databases in containers. */
export const MANAGERS: readonly string[] = ['mysql', 'mariadb', 'postgresql']

/** GiB that a flavor's disk has to have. */
export function minDisk({ virtualSize }: Disk): number {
  return Math.ceil(virtualSize / 2 ** 30)
}
