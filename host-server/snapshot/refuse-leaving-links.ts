import { linkStaysInside } from '../../contract/manifest.ts'
import type { Seen } from './look.ts'
import { SnapshotError } from './snapshot-error.ts'

/** @throws SnapshotError that names a link which leaves the tree, and its target */
export function refuseLeavingLinks(seen: readonly Seen[]): void {
  const links = new Map(seen.filter((one) => one.type === 'link').map((link) => [link.path, link.target]))
  for (const [path, target] of links) {
    if (target.includes('�')) throw new SnapshotError('refused', `the target of the link ${path} is not UTF-8; remove the link or add it to source.exclude`)
    if (!linkStaysInside(path, target, links)) {
      throw new SnapshotError('refused', `expected links that stay inside the tree, got ${path} -> ${target}; remove it, replace it by what it shows, or add it to source.exclude`)
    }
  }
}
