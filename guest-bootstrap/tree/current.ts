import { GUEST } from '../../contract/paths.ts'
import { keptManifestPath, treeOf, type KeptManifest } from '../../contract/source-tree.ts'
import type { Files } from '../system.ts'

const REVISION = /^[0-9a-f]{64}$/

/** The revision that the live link names. */
export function currentRevision(files: Files): string | undefined {
  const target = files.link(GUEST.currentSource)
  return target !== undefined && REVISION.test(target) ? target : undefined
}

/** The manifest of the live tree; undefined when there is no tree. It was checked before it was kept or came with the image, and only root can write it. */
export function currentManifest(files: Files): KeptManifest | undefined {
  const revision = currentRevision(files)
  if (revision === undefined || files.stat(treeOf(revision)) === undefined) return undefined
  return keptManifest(files, revision)
}

export function keptManifest(files: Files, revision: string): KeptManifest | undefined {
  try {
    const text = files.text(keptManifestPath(revision))
    return text === undefined ? undefined : (JSON.parse(text) as KeptManifest)
  } catch {
    return undefined
  }
}

export function keepManifest(files: Files, kept: KeptManifest): void {
  files.write(keptManifestPath(kept.manifest.revision), JSON.stringify(kept), { mode: 0o600 })
}

/** Removes every tree and manifest but those named, and what a power cut has left half-written. */
export function removeOthers(files: Files, revisions: readonly string[]): void {
  for (const name of files.list(GUEST.source)) {
    if (name !== 'current' && !revisions.includes(name)) files.remove(`${GUEST.source}/${name}`)
  }
  for (const name of files.list(GUEST.manifests)) {
    if (!revisions.includes(name.replace(/\.json$/, ''))) files.remove(`${GUEST.manifests}/${name}`)
  }
}
