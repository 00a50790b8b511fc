import { linkStaysInside } from '../../contract/manifest.ts'
import type { Seen } from './look.ts'
import { SnapshotError } from './snapshot-error.ts'

/** More than Linux follows itself (40). */
const MOST_HOPS = 50

/**
 * A link must stay below the root, also when its way leads over other links of the tree:
 * with `a -> b/c/..` the `..` counts from where `b/c` really is.
 * @throws SnapshotError that names the link and its target
 */
export function refuseLeavingLinks(seen: readonly Seen[]): void {
  const links = new Map(seen.filter((one) => one.type === 'link').map((link) => [link.path, link.target]))
  for (const [path, target] of links) {
    if (target.includes('�')) throw new SnapshotError('refused', `the target of the link ${path} is not UTF-8; remove the link or add it to source.exclude`)
    if (!linkStaysInside(path, target) || leaves(path, target, links)) {
      throw new SnapshotError('refused', `expected links that stay inside the tree, got ${path} -> ${target}; remove it, replace it by what it shows, or add it to source.exclude`)
    }
  }
}

function leaves(path: string, target: string, links: ReadonlyMap<string, string>): boolean {
  const at = path.split('/').slice(0, -1)
  const ahead = target.split('/')
  for (let hops = 0; ahead.length > 0 && hops < MOST_HOPS; ) {
    const part = ahead.shift()!
    if (part === '' || part === '.') continue
    if (part === '..') {
      if (at.pop() === undefined) return true
      continue
    }
    at.push(part)
    const next = links.get(at.join('/'))
    if (next === undefined) continue
    if (next.startsWith('/')) return true
    at.pop()
    ahead.unshift(...next.split('/'))
    hops++
  }
  return false // ends inside, or goes round in circles: the kernel refuses that by itself
}
