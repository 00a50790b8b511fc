import { createHash } from 'node:crypto'
import { pipeline } from 'node:stream/promises'
import { createZstdDecompress } from 'node:zlib'
import { Fault } from '../../contract/fault.ts'
import type { Manifest } from '../../contract/manifest.ts'
import { address, ROUTES } from '../../contract/routes.ts'
import { askHost } from '../host.ts'
import { readAll } from '../read-all.ts'
import type { System } from '../system.ts'
import { filesOf, layOut, Unpacking } from './unpack.ts'

/**
 * Takes the pack from the host into a new folder.
 *
 * @returns number of bytes that were sent
 * @throws Fault CONTENT_DIFFERS when it is not, byte for byte, what the manifest promises
 */
export async function download(system: System, manifest: Manifest, folder: string): Promise<number> {
  const { sha256, size } = manifest.pack.zstd
  const answer = await askHost(system, address(ROUTES.content, sha256), [200, 404])
  if (answer.status === 404) {
    // An answer that nobody reads keeps its connection.
    await readAll(answer.body, 64 * 1024)
    throw new Fault('CONTENT_DIFFERS', { sha256 }, 'the host no longer has the pack of its manifest; it has changed meanwhile')
  }
  layOut(system.files, folder, manifest.entries)
  return await receive(answer.body, new Unpacking(system.files, folder, filesOf(manifest.entries)), size, sha256)
}

/**
 * Unpacks a zstd stream while it comes in.
 *
 * @param most bytes that may be sent
 * @param sha256 of the bytes as sent; they are then exactly `most`
 * @returns number of bytes that were sent
 */
export async function receive(body: AsyncIterable<Buffer>, unpacking: Unpacking, most: number, sha256?: string): Promise<number> {
  const sent = createHash('sha256')
  let received = 0
  try {
    await pipeline(
      body,
      async function* measured(body: AsyncIterable<Buffer>) {
        for await (const part of body) {
          received += part.length
          if (received > most) throw new Fault('CONTENT_DIFFERS', { expected: most }, `more than the ${most} bytes that the manifest promises`)
          sent.update(part)
          yield part
        }
      },
      // Few large pieces: each is a round through the event loop.
      createZstdDecompress({ chunkSize: 512 * 1024 }),
      async (bytes: AsyncIterable<Buffer>) => {
        for await (const part of bytes) unpacking.write(part)
      },
    )
    if (sha256 !== undefined && received < most) throw new Fault('CONTENT_DIFFERS', { expected: most, received }, `${received} of ${most} bytes came`)
    if (sha256 !== undefined && sent.digest('hex') !== sha256) throw new Fault('CONTENT_DIFFERS', { sha256 }, 'the pack has another digest')
    unpacking.end()
  } catch (error) {
    throw asFault(error as Error, received, most)
  } finally {
    unpacking.close()
  }
  return received
}

function asFault(error: Error, received: number, size: number): Error {
  const code = (error as NodeJS.ErrnoException).code ?? ''
  if (error instanceof Fault) return error
  if (code.startsWith('ZSTD_') || code.startsWith('ERR_ZLIB') || code === 'Z_BUF_ERROR') {
    return new Fault('CONTENT_DIFFERS', {}, `the pack is damaged: ${error.message}`, { cause: error })
  }
  const broken = ['ECONNRESET', 'ETIMEDOUT', 'EPIPE', 'ECONNABORTED', 'ERR_STREAM_PREMATURE_CLOSE']
  if (broken.includes(code)) {
    return new Fault('HOST_FAILED', { expected: size, received }, `the connection broke after ${received} of ${size} bytes`, { cause: error })
  }
  return error
}
