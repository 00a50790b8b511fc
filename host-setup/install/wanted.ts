import { createHash } from 'node:crypto'
import { lstatSync, readFileSync, readlinkSync } from 'node:fs'

/** A file or a link as it shall be on the host. `path` is the host's own, absolute, without --root before it. */
export type Wanted = { readonly path: string; readonly mode: number } & ({ readonly from: string } | { readonly content: string } | { readonly link: string })

/** Hex SHA-256 of a file's content, or of where a link points. */
export function digestOf(wanted: Wanted): string {
  if ('link' in wanted) return ofLink(wanted.link)
  return sha256('from' in wanted ? readFileSync(wanted.from) : wanted.content)
}

/** The same of what lies there; undefined where nothing does. @throws where it is no file and no link */
export function digestAt(path: string): string | undefined {
  const stat = lstatSync(path, { throwIfNoEntry: false })
  if (stat === undefined) return undefined
  return stat.isSymbolicLink() ? ofLink(readlinkSync(path)) : sha256(readFileSync(path))
}

function ofLink(target: string): string {
  return sha256(`link to ${target}`)
}

function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex')
}
