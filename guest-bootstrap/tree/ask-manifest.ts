import { zstdDecompressSync } from 'node:zlib'
import { Fault } from '../../contract/fault.ts'
import { ROUTES } from '../../contract/routes.ts'
import { askHost } from '../host.ts'
import { readAll } from '../read-all.ts'
import type { HttpAnswer, HttpRequest, System } from '../system.ts'

/** Bytes. Trove's manifest has about 130 kB, a quarter of it on the wire; the largest that the contract allows stays far below. */
const LARGEST = 64 * 1024 * 1024

/** As `askHost`; what comes is for `manifestText` to read. */
export function askManifest(system: System, expected: readonly number[], { headers, ...more }: Partial<Pick<HttpRequest, 'headers' | 'timeout'>> = {}): Promise<HttpAnswer> {
  return askHost(system, ROUTES.manifest, expected, { headers: { 'accept-encoding': 'zstd', ...headers }, ...more })
}

/** @throws Fault HOST_ANSWER_INVALID when it is too large, on the wire or unpacked, or cannot be unpacked */
export async function manifestText({ headers, body }: HttpAnswer): Promise<string> {
  const bytes = await readAll(body, LARGEST)
  return (headers['content-encoding'] === 'zstd' ? unpacked(bytes) : bytes).toString('utf8')
}

function unpacked(bytes: Buffer): Buffer {
  try {
    return zstdDecompressSync(bytes, { maxOutputLength: LARGEST })
  } catch (error) {
    throw new Fault('HOST_ANSWER_INVALID', { limit: LARGEST }, `the manifest comes as zstd and cannot be unpacked: ${(error as Error).message}`)
  }
}
