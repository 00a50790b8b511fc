import type { Manifest } from './manifest.ts'
import { GUEST } from './paths.ts'

// How a source tree lies in a guest. The daemon makes it so, and the builder that puts one into an image.

/** A manifest that was checked once, and the tag under which the host knows it; empty when it did not come from a host. */
export interface KeptManifest {
  readonly etag: string
  readonly manifest: Manifest
}

export const treeOf = (revision: string): string => `${GUEST.source}/${revision}`

export const keptManifestPath = (revision: string): string => `${GUEST.manifests}/${revision}.json`

/** A file of a tree is root's; its reader, the agent, may run it but never change it. */
export const modeInTree = (mode: number): number => (mode & 0o100 ? 0o755 : 0o644)

/** The folders above a path, outermost first: `a`, `a/b` for `a/b/c`. */
export function foldersOf(path: string): string[] {
  const parts = path.split('/').slice(0, -1)
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'))
}
