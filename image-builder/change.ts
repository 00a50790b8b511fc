import { createHash } from 'node:crypto'

/** One thing the builder does to an image. A plan is a list of them, each path once; whoever applies it decides nothing. */
export type Change =
  | (Owned & {
      readonly kind: 'folder'
      readonly path: string
      /** An existing folder keeps its mode and owner. */
      readonly keep?: boolean
      readonly note?: string
    })
  /** A new file (new inode) takes the place of whatever file or link stands there. No attributes. */
  | (Owned & { readonly kind: 'file'; readonly path: string; readonly content: Content; readonly note?: string })
  /** A file of the image gets other content: a new inode with the given mode and owner and the old one's attributes. Links to it are followed. */
  | (Owned & { readonly kind: 'edit'; readonly path: string; readonly content: Content; readonly note: string })
  /** A symbolic link, root's, takes the place of whatever file or link stands there. */
  | { readonly kind: 'link'; readonly path: string; readonly target: string; readonly note?: string }
  /** A file or link goes away; a folder too, which is empty by then. Follows no link at the end. */
  | { readonly kind: 'remove'; readonly path: string; readonly note: string }

interface Owned {
  readonly mode: number
  readonly uid: number
  readonly gid: number
}

export type Content =
  | { readonly text: string; readonly secret?: boolean }
  | { readonly bytes: Buffer; readonly secret?: boolean }
  | { readonly hostFile: string; readonly size: number; readonly sha256: string }

export function sizeOf(content: Content): number {
  return 'text' in content ? Buffer.byteLength(content.text) : 'bytes' in content ? content.bytes.length : content.size
}

/** Hex SHA-256. */
export function digestOf(content: Content): string {
  if ('hostFile' in content) return content.sha256
  return createHash('sha256').update('text' in content ? content.text : content.bytes).digest('hex')
}

/** A line for people; never the content. */
export function describeChange(change: Change): string {
  const note = 'note' in change && change.note !== undefined ? ` (${change.note})` : ''
  switch (change.kind) {
    case 'folder':
      return `folder ${change.path} ${octal(change.mode)} ${change.uid}:${change.gid}${note}`
    case 'file':
    case 'edit':
      return `${change.kind} ${change.path} ${octal(change.mode)} ${change.uid}:${change.gid} ${sizeOf(change.content)} bytes${note}`
    case 'link':
      return `link ${change.path} -> ${change.target}${note}`
    case 'remove':
      return `remove ${change.path}${note}`
  }
}

const octal = (mode: number): string => mode.toString(8).padStart(4, '0')
