import { createHash } from 'node:crypto'
import { pipeline } from 'node:stream/promises'
import { createZstdDecompress } from 'node:zlib'
import { Fault } from '../../contract/fault.ts'
import type { Manifest } from '../../contract/manifest.ts'
import type { System } from '../system.ts'
import { keepPack, keptPack } from './keep-pack.ts'
import { filesOf, layOut, Unpacking } from './unpack.ts'

/**
 * Takes the pack from the host into a new folder.
 *
 * @returns number of bytes that were sent
 * @throws Fault CONTENT_DIFFERS when it is not, byte for byte, what the manifest promises
 */
export async function download(system: System, manifest: Manifest, folder: string): Promise<number> {
  const { files } = system
  const pack = manifest.pack.zstd
  const sent = await keepPack(system, pack)
  try {
    // Before anything is unpacked: a decoder is given only bytes that somebody vouches for.
    if (digestOf(files.pieces(keptPack(pack))) !== pack.sha256) throw new Fault('CONTENT_DIFFERS', { sha256: pack.sha256 }, 'the pack has another digest')
    layOut(files, folder, manifest.entries)
    await receive(files.pieces(keptPack(pack)), new Unpacking(files, folder, filesOf(manifest.entries)), pack.size)
  } catch (error) {
    // What is not the right content is of no use to the next try; what did not fit on the disk is.
    if (error instanceof Fault) files.remove(keptPack(pack))
    throw error
  }
  files.remove(keptPack(pack))
  return sent
}

/**
 * Unpacks a zstd stream while it comes in.
 *
 * @param most bytes that may be sent
 * @returns number of bytes that were sent
 */
export async function receive(body: AsyncIterable<Buffer> | Iterable<Buffer>, unpacking: Unpacking, most: number): Promise<number> {
  let received = 0
  try {
    await pipeline(
      body,
      async function* measured(body: AsyncIterable<Buffer> | Iterable<Buffer>) {
        for await (const part of body) {
          received += part.length
          if (received > most) throw new Fault('CONTENT_DIFFERS', { expected: most }, `more than the ${most} bytes that the manifest promises`)
          yield part
        }
      },
      // Few large pieces: each is a round through the event loop.
      createZstdDecompress({ chunkSize: 512 * 1024 }),
      async (bytes: AsyncIterable<Buffer>) => {
        for await (const part of bytes) unpacking.write(part)
      },
    )
    unpacking.end()
  } catch (error) {
    throw asFault(error as Error)
  } finally {
    unpacking.close()
  }
  return received
}

function digestOf(pieces: Iterable<Buffer>): string {
  const hash = createHash('sha256')
  for (const piece of pieces) hash.update(piece)
  return hash.digest('hex')
}

function asFault(error: Error): Error {
  const code = (error as NodeJS.ErrnoException).code ?? ''
  if (error instanceof Fault) return error
  // Of bytes behind the end of a zstd frame Node says nothing but that the stream has closed.
  if (/^(ZSTD_|ERR_ZLIB|Z_BUF_ERROR$|ERR_STREAM_PREMATURE_CLOSE$)/.test(code)) {
    return new Fault('CONTENT_DIFFERS', {}, `the pack is damaged: ${error.message}`, { cause: error })
  }
  return error
}
