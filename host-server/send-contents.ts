import { open } from 'node:fs/promises'
import { pipeline, type Readable } from 'node:stream'
import { constants as zlib, createZstdCompress, createZstdDecompress } from 'node:zlib'
import { cutPack, type Piece } from './offer/cut-pack.ts'
import { Refused } from './refused.ts'

/**
 * Single contents out of a pack, as one zstd stream in the pack's order. Read and compressed as fast as the client takes it.
 * @param pack file, zstd
 * @throws Refused 404 when a digest is not among the pieces, or the pack is gone
 */
export async function sendContents(pack: string, pieces: readonly Piece[], wanted: readonly string[]): Promise<Readable> {
  const known = new Set(pieces.map(({ sha256 }) => sha256))
  const unknown = wanted.filter((sha256) => !known.has(sha256)).length
  if (unknown > 0) throw new Refused(404, 'NOT_FOUND', `${unknown} of ${wanted.length} digests are not in the manifest that is handed out; ask for it again`)
  const file = await open(pack).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') throw new Refused(404, 'NOT_FOUND', 'the pack of the manifest is gone; ask for the manifest again')
    throw error
  })
  const out = createZstdCompress({ params: { [zlib.ZSTD_c_compressionLevel]: 3 } })
  // A failure on the way destroys `out`, which ends the answer; so does the other way round a client that hangs up.
  pipeline(file.createReadStream(), createZstdDecompress(), (bytes: AsyncIterable<Buffer>) => cutPack(bytes, pieces, new Set(wanted)), out, () => {})
  return out
}
