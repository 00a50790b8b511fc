import { promisify } from 'node:util'
import { zstdCompress } from 'node:zlib'
import { seal } from '../../contract/envelope.ts'
import { etagOf } from '../etag.ts'
import type { Snapshot } from '../snapshot.ts'
import { piecesOf } from './cut-pack.ts'
import { numberManifest } from './number-manifest.ts'
import type { Offer } from './offer.ts'

/** Beside the event loop: a manifest can have tens of megabytes. */
const compressed = promisify(zstdCompress)

export interface Signer {
  /** PKCS#8 in PEM. */
  readonly pem: string
  readonly id: string
}

/**
 * Numbers a snapshot's manifest and signs it. The same tree and key give the same envelope and tag, so guests that ask again get a 304.
 * @param serialFile see numberManifest
 */
export async function signManifest({ manifest }: Snapshot, { pem, id }: Signer, serialFile: string, now = new Date()): Promise<Offer['manifest']> {
  const payload = Buffer.from(JSON.stringify(numberManifest(serialFile, manifest, id, now)))
  const pack = { sha256: manifest.pack.zstd.sha256, pieces: piecesOf(manifest.entries) }
  const body = JSON.stringify(seal(payload, pem, id))
  return { revision: manifest.revision, etag: etagOf(payload), body, zstd: await compressed(body), pack }
}
