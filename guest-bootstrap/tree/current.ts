import type { Manifest } from '../../contract/manifest.ts'
import { GUEST } from '../../contract/paths.ts'
import type { Files } from '../system.ts'

const MANIFESTS = `${GUEST.state}/manifests`
const REVISION = /^[0-9a-f]{64}$/

/** A manifest that was checked once, and the tag under which the host knows it. */
export interface KeptManifest {
  readonly etag: string
  readonly manifest: Manifest
}

export const treeOf = (revision: string): string => `${GUEST.source}/${revision}`

/** The revision that the live link names. */
export function currentRevision(files: Files): string | undefined {
  const target = files.link(GUEST.currentSource)
  return target !== undefined && REVISION.test(target) ? target : undefined
}

/** The manifest of the live tree; undefined when there is no tree. It was checked before it was kept, and only root can write it. */
export function currentManifest(files: Files): KeptManifest | undefined {
  const revision = currentRevision(files)
  if (revision === undefined || files.stat(treeOf(revision)) === undefined) return undefined
  return keptManifest(files, revision)
}

export function keptManifest(files: Files, revision: string): KeptManifest | undefined {
  try {
    const text = files.text(`${MANIFESTS}/${revision}.json`)
    return text === undefined ? undefined : (JSON.parse(text) as KeptManifest)
  } catch {
    return undefined
  }
}

export function keepManifest(files: Files, kept: KeptManifest): void {
  files.write(`${MANIFESTS}/${kept.manifest.revision}.json`, JSON.stringify(kept), { mode: 0o600 })
}

/** Removes every tree and manifest but those named, and what a power cut has left half-written. */
export function removeOthers(files: Files, revisions: readonly string[]): void {
  for (const name of files.list(GUEST.source)) {
    if (name !== 'current' && !revisions.includes(name)) files.remove(`${GUEST.source}/${name}`)
  }
  for (const name of files.list(MANIFESTS)) {
    if (!revisions.includes(name.replace(/\.json$/, ''))) files.remove(`${MANIFESTS}/${name}`)
  }
}
