/** One thing the builder does to an image. A plan is a list of them; whoever applies it decides nothing. */
export type Change =
  | (Owned & {
      readonly kind: 'folder'
      readonly path: string
      /** An existing folder keeps its mode and owner. */
      readonly keep?: boolean
    })
  | (Owned & { readonly kind: 'file'; readonly path: string; readonly content: Content; readonly note?: string })
  /** A file of the image gets other content; links to it are followed, mode and owner stay as given. */
  | (Owned & { readonly kind: 'edit'; readonly path: string; readonly content: Content; readonly note: string })
  | { readonly kind: 'link'; readonly path: string; readonly target: string; readonly note?: string }
  | { readonly kind: 'remove'; readonly path: string; readonly note: string }

interface Owned {
  readonly mode: number
  readonly uid: number
  readonly gid: number
}

export type Content =
  | { readonly text: string; readonly secret?: boolean }
  | { readonly hostFile: string; readonly size: number; readonly sha256: string }

export function sizeOf(content: Content): number {
  return 'text' in content ? Buffer.byteLength(content.text) : content.size
}

/** A line for people; never the content. */
export function describeChange(change: Change): string {
  const note = 'note' in change && change.note !== undefined ? ` (${change.note})` : ''
  switch (change.kind) {
    case 'folder':
      return `folder ${change.path} ${octal(change.mode)} ${change.uid}:${change.gid}`
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
