import { createHash } from 'node:crypto'
import { Type } from 'typebox'

const Sha256 = Type.String({ pattern: '^[0-9a-f]{64}$' })
const Size = Type.Integer({ minimum: 0 })
/** Relative, `/`-separated, as git writes it. `isSafePath` has the last word. */
const Path = Type.String({ minLength: 1, maxLength: 4096 })

export const FileEntry = Type.Object({
  type: Type.Literal('file'),
  path: Path,
  /** Permission bits, 0 to 0o777. */
  mode: Type.Integer({ minimum: 0, maximum: 0o777 }),
  size: Size,
  sha256: Sha256,
})

export const LinkEntry = Type.Object({
  type: Type.Literal('link'),
  path: Path,
  /** As readlink gives it; resolves inside the tree. */
  target: Type.String({ minLength: 1, maxLength: 4096 }),
})

export const Entry = Type.Union([FileEntry, LinkEntry])
export type Entry = Type.Static<typeof Entry>

/** The pack as it is sent: address (digest of the bytes as sent) and their number. */
export const Encoded = Type.Object({ sha256: Sha256, size: Size })

export const Manifest = Type.Object({
  format: Type.Literal(1),
  /** Digest of the entries (see `revisionOf`): the same tree has the same revision on every host. */
  revision: Sha256,
  /** When the snapshot was taken, ISO 8601, host clock. */
  created: Type.String({ maxLength: 40 }),
  source: Type.Object({
    /** For people: `git describe`, or the version of the package. */
    description: Type.String({ maxLength: 200 }),
    /** What pbr shall believe (PBR_VERSION): a tree without .git and egg-info has no version of its own. */
    version: Type.String({ maxLength: 100 }),
  }),
  /** Sorted by path, bytewise. Folders are implied by what is in them (0755). */
  entries: Type.Array(Entry, { maxItems: 200_000 }),
  /** The contents of all file entries, one behind the other in the order of `entries`: nothing in it names a path. */
  pack: Type.Object({
    size: Size,
    zstd: Encoded,
  }),
  python: Type.Object({
    /** The tree's own `python_requires`, such as `>=3.8`; empty when it states none. */
    requires: Type.String({ maxLength: 200 }),
    /** Lines as in requirements.txt; from the tree and the host's configuration. */
    requirements: Type.Array(Type.String({ maxLength: 1000 }), { maxItems: 2000 }),
    /** Lines as in upper-constraints.txt. */
    constraints: Type.Array(Type.String({ maxLength: 1000 }), { maxItems: 20_000 }),
  }),
})
export type Manifest = Type.Static<typeof Manifest>

/** As it is signed and sent. */
export const SignedManifest = Type.Object({
  ...Manifest.properties,
  /** Larger with every manifest that the host signs, whatever is in it: a guest takes none that is older than one it has accepted. */
  serial: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
})
export type SignedManifest = Type.Static<typeof SignedManifest>

/** The revision of a tree: hex SHA-256 over its entries as JSON, in their order. */
export function revisionOf(entries: readonly Entry[]): string {
  const hash = createHash('sha256')
  for (const entry of entries) {
    hash.update(
      JSON.stringify(
        entry.type === 'file'
          ? ['file', entry.path, entry.mode, entry.size, entry.sha256]
          : ['link', entry.path, entry.target],
      ) + '\n',
    )
  }
  return hash.digest('hex')
}

/** Revisions are shown by their first seven digits, as git does. */
export const shortRevision = (revision: string): string => revision.slice(0, 7)

/** Bytes. The kernel takes 4095 of a path, and the tree's own folder stands before it. */
const LONGEST_PATH = 3900
const LONGEST_TARGET = 4095
/** More than Linux follows itself (40). */
const MOST_HOPS = 50

/**
 * Whether a path names something below the tree's root and nothing else: no `..`, no absolute path, no NUL, no empty part, and no
 * half characters, of which two different ones would be one name on a disk.
 */
export function isSafePath(path: string): boolean {
  if (path.includes('\0') || path.includes('\\') || !path.isWellFormed() || Buffer.byteLength(path) > LONGEST_PATH) return false
  return path.split('/').every((part) => part !== '' && part !== '.' && part !== '..' && Buffer.byteLength(part) <= 255)
}

/**
 * Whether a link at `path` with `target` stays below the root, also when its way leads over other links of the tree: with
 * `a -> b/..` the `..` counts from where `b` really is. Absolute targets never do.
 * @param links targets of the tree's links by their paths
 */
export function linkStaysInside(path: string, target: string, links: ReadonlyMap<string, string>): boolean {
  if (!isTarget(target)) return false
  const at = path.split('/').slice(0, -1)
  const ahead = target.split('/')
  for (let hops = 0; ahead.length > 0 && hops < MOST_HOPS; ) {
    const part = ahead.shift()!
    if (part === '' || part === '.') continue
    if (part === '..') {
      if (at.pop() === undefined) return false
      continue
    }
    at.push(part)
    const next = links.get(at.join('/'))
    if (next === undefined) continue
    if (!isTarget(next)) return false
    at.pop()
    ahead.unshift(...next.split('/'))
    hops++
  }
  return true // ends inside, or goes round in circles: the kernel refuses that by itself
}

const isTarget = (target: string): boolean => target !== '' && !target.startsWith('/') && !target.includes('\0') && target.isWellFormed() && Buffer.byteLength(target) <= LONGEST_TARGET
