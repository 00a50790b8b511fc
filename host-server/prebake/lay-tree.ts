import type { Manifest } from '../../contract/manifest.ts'
import { GUEST } from '../../contract/paths.ts'
import { foldersOf, keptManifestPath, modeInTree, treeOf, type KeptManifest } from '../../contract/source-tree.ts'

/** A folder, file or link in a guest. */
export type Laid =
  | (Owned & { readonly kind: 'folder'; readonly path: string })
  | (Owned & { readonly kind: 'file'; readonly path: string; readonly content: { readonly bytes: Buffer } | { readonly hostFile: string; readonly size: number; readonly sha256: string } })
  | { readonly kind: 'link'; readonly path: string; readonly target: string }

interface Owned {
  readonly mode: number
  readonly uid: number
  readonly gid: number
}

const ROOT = { uid: 0, gid: 0 }

/** The manifest says when the tree was read, which no guest asks for; the same tree has to make the same image. */
const NO_TIME = '1970-01-01T00:00:00.000Z'

/**
 * A tree as the guest's fetch stage would have made it, `current` and the kept manifest with it.
 * @param contents of the manifest's files, one behind the other
 */
export function layTree(manifest: Manifest, contents: Buffer): Laid[] {
  const root = treeOf(manifest.revision)
  const folders = new Set(manifest.entries.flatMap(({ path }) => foldersOf(path)))
  const kept: KeptManifest = { etag: '', manifest: { ...manifest, created: NO_TIME } }
  let at = 0
  return [
    ...[GUEST.source, root, ...[...folders].map((name) => `${root}/${name}`)].map((path): Laid => ({ kind: 'folder', path, mode: 0o755, ...ROOT })),
    ...manifest.entries.map((entry): Laid => {
      const path = `${root}/${entry.path}`
      if (entry.type === 'link') return { kind: 'link', path, target: entry.target }
      const bytes = contents.subarray(at, (at += entry.size))
      return { kind: 'file', path, mode: modeInTree(entry.mode), ...ROOT, content: { bytes } }
    }),
    { kind: 'link', path: GUEST.currentSource, target: manifest.revision },
    { kind: 'folder', path: GUEST.manifests, mode: 0o755, ...ROOT },
    { kind: 'file', path: keptManifestPath(manifest.revision), mode: 0o600, ...ROOT, content: { bytes: Buffer.from(JSON.stringify(kept)) } },
  ]
}
