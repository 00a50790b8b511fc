import { createHash } from 'node:crypto'
import { pipeline } from 'node:stream/promises'
import { createZstdDecompress } from 'node:zlib'
import { Fault } from '../../contract/fault.ts'
import type { Manifest } from '../../contract/manifest.ts'
import { address, ROUTES } from '../../contract/routes.ts'
import { askHost } from '../host.ts'
import { readAll } from '../read-all.ts'
import type { System } from '../system.ts'
import { Unpacking } from './unpack.ts'

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
  const unpacking = new Unpacking(system.files, folder, manifest)
  const sent = createHash('sha256')
  let received = 0
  try {
    await pipeline(
      answer.body,
      async function* measured(body: AsyncIterable<Buffer>) {
        for await (const part of body) {
          received += part.length
          if (received > size) throw new Fault('CONTENT_DIFFERS', { expected: size }, `more than the ${size} bytes that the manifest promises`)
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
    if (received < size) throw new Fault('CONTENT_DIFFERS', { expected: size, received }, `${received} of ${size} bytes came`)
    if (sent.digest('hex') !== sha256) throw new Fault('CONTENT_DIFFERS', { sha256 }, 'the pack has another digest')
    unpacking.end()
  } catch (error) {
    throw asFault(error as Error, received, size)
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
