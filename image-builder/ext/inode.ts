import type { NodeType } from '../tree.ts'

/** An inode as it lies on the disk. Source: fs/ext4/ext4.h, struct ext4_inode. */
export interface Inode {
  readonly number: number
  /** 0 in an inode that nobody uses. */
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly size: number
  /** Seconds since 1970. */
  readonly mtime: number
  readonly links: number
  readonly flags: number
  /** Block of its own for extended attributes; 0 for none. */
  readonly attributeBlock: number
  /** The 60 bytes that hold the block map, or the target of a short link. */
  readonly map: Buffer
  /** What is left of the inode behind its fixed part, for attributes. */
  readonly rest: Buffer
}

export const FLAGS = { encrypted: 0x800, indexed: 0x1000, extents: 0x80000, attributeInode: 0x200000, inlineData: 0x10000000, casefold: 0x40000000 } as const
export const TYPE_MASK = 0xf000
export const TYPES = { folder: 0x4000, file: 0x8000, link: 0xa000 } as const

/** @param bytes exactly one inode */
export function parseInode(number: number, bytes: Buffer): Inode {
  const mode = bytes.readUInt16LE(0)
  const extra = bytes.length > 128 ? Math.min(bytes.readUInt16LE(128), bytes.length - 128) : 0
  const isFileOrFolder = (mode & TYPE_MASK) === TYPES.file || (mode & TYPE_MASK) === TYPES.folder
  return {
    number,
    mode,
    uid: bytes.readUInt16LE(2) + bytes.readUInt16LE(120) * 2 ** 16,
    gid: bytes.readUInt16LE(24) + bytes.readUInt16LE(122) * 2 ** 16,
    size: bytes.readUInt32LE(4) + (isFileOrFolder ? bytes.readUInt32LE(108) * 2 ** 32 : 0),
    mtime: bytes.readInt32LE(16) + (extra >= 12 ? (bytes.readUInt32LE(136) & 3) * 2 ** 32 : 0),
    links: bytes.readUInt16LE(26),
    flags: bytes.readUInt32LE(32),
    attributeBlock: bytes.readUInt32LE(104) + bytes.readUInt16LE(118) * 2 ** 32,
    map: bytes.subarray(40, 100),
    rest: bytes.subarray(128 + extra),
  }
}

export function typeOf({ mode }: Inode): NodeType {
  switch (mode & TYPE_MASK) {
    case TYPES.folder:
      return 'folder'
    case TYPES.file:
      return 'file'
    case TYPES.link:
      return 'link'
    default:
      return 'other'
  }
}

/** Whether a link's target lies in the inode itself. */
export function isShortLink(inode: Inode): boolean {
  return typeOf(inode) === 'link' && inode.size < 60 && (inode.flags & FLAGS.extents) === 0
}

/** Whether the inode's map names blocks at all: devices, sockets and short links use it for something else. */
export function hasBlocks(inode: Inode): boolean {
  const type = typeOf(inode)
  return (type === 'file' || type === 'folder' || (type === 'link' && !isShortLink(inode))) && (inode.flags & FLAGS.inlineData) === 0
}
