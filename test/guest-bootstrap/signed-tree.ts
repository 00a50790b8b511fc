import { createHash } from 'node:crypto'
import { zstdCompressSync } from 'node:zlib'
import { seal, type SigningKey } from '../../contract/envelope.ts'
import { revisionOf, type Entry, type SignedManifest } from '../../contract/manifest.ts'
import { makeSigningKey, publicSigningKey } from '../../host-server/pki/signing-key.ts'

export const SIGNER = makeSigningKey()
export const SIGNING_KEYS: readonly SigningKey[] = [publicSigningKey(SIGNER)]

export interface SignedTree {
  readonly manifest: SignedManifest
  readonly pack: Buffer
  /** As the host answers. */
  readonly body: string
}

/** Text of each file by its path; `-> target` makes a link. */
export function signedTree(tree: Readonly<Record<string, string>>, changed: Partial<SignedManifest> = {}): SignedTree {
  const paths = Object.keys(tree).sort()
  const links = paths.filter((path) => tree[path]!.startsWith('-> '))
  const entries: Entry[] = paths.map((path) => {
    const text = tree[path]!
    if (links.includes(path)) return { type: 'link', path, target: text.slice(3) }
    return { type: 'file', path, mode: path.startsWith('contrib/') ? 0o755 : 0o644, size: Buffer.byteLength(text), sha256: sha256(text) }
  })
  const content = Buffer.from(paths.filter((path) => !links.includes(path)).map((path) => tree[path]).join(''))
  const pack = zstdCompressSync(content)
  const manifest: SignedManifest = {
    format: 1,
    serial: 5,
    revision: revisionOf(entries),
    created: '2026-11-22T12:00:00Z',
    source: { description: 'trove 18.0.0', version: '18.0.0' },
    entries,
    pack: { size: content.length, zstd: { sha256: sha256(pack), size: pack.length } },
    python: { requires: '>=3.8', requirements: [], constraints: [] },
    ...changed,
  }
  return { manifest, pack, body: signed(manifest) }
}

/** Any payload in a good envelope. */
export function signed(payload: unknown, signer = SIGNER): string {
  return JSON.stringify(seal(Buffer.from(JSON.stringify(payload)), signer, publicSigningKey(signer).id))
}

export function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex')
}
