// A pack comes in through a file, so that a transfer that breaks off goes on where it was: on a link that cuts each connection after half
// a megabyte, after minutes without a network, and after a reboot.
import { Fault } from '../../contract/fault.ts'
import type { Manifest } from '../../contract/manifest.ts'
import { GUEST } from '../../contract/paths.ts'
import { address, ROUTES } from '../../contract/routes.ts'
import { askHost, isAway } from '../host.ts'
import { leave } from '../read-all.ts'
import type { HttpAnswer, System } from '../system.ts'

type Pack = Manifest['pack']['zstd']

/** Connections in one try, as long as each brings something; then the engine says what holds it, and waits. */
const CONNECTIONS = 8

/** Where a pack lies while it comes in; hidden, so that it goes with what else a power cut leaves. */
export const keptPack = ({ sha256 }: Pack): string => `${GUEST.source}/.${sha256}.zst`

/**
 * Has a pack's bytes in its file, all of them; what they are is for the caller to see.
 *
 * @returns number of bytes that were sent
 * @throws Fault HOST_FAILED and HOST_SILENT when the connection breaks: the next try goes on there; CONTENT_DIFFERS when that leads nowhere
 */
export async function keepPack(system: System, pack: Pack): Promise<number> {
  const { files } = system
  let sent = 0
  for (let connection = 1; sizeOf(system, pack) < pack.size; connection++) {
    const before = sizeOf(system, pack)
    try {
      await receive(system, pack, before, (bytes) => (sent += bytes))
    } catch (error) {
      if (!isAway(error)) throw error
      const now = sizeOf(system, pack)
      if (now > before && connection < CONNECTIONS) continue
      throw broken(error as Fault, now, pack.size)
    }
  }
  if (sizeOf(system, pack) === pack.size) return sent
  files.remove(keptPack(pack))
  throw new Fault('CONTENT_DIFFERS', { expected: pack.size }, `more than the ${pack.size} bytes that the manifest promises`)
}

/** What one connection brings. */
async function receive(system: System, pack: Pack, from: number, count: (bytes: number) => void): Promise<void> {
  const range = from === 0 ? {} : { range: `bytes=${from}-`, 'if-range': `"${pack.sha256}"` }
  const answer = await askHost(system, address(ROUTES.content, pack.sha256), [200, 206, 404], { headers: range })
  try {
    if (answer.status === 404) throw new Fault('CONTENT_DIFFERS', { sha256: pack.sha256 }, 'the host no longer has the pack of its manifest; it has changed meanwhile')
    await append(system, pack, { from, begins: beginOf(answer), body: answer.body, count })
  } finally {
    await leave(answer.body)
  }
}

/** A host that does not know ranges sends all of it again. */
function beginOf({ status, headers }: HttpAnswer): number {
  return status === 206 ? Number(/^bytes (\d+)-/.exec(headers['content-range'] ?? '')?.[1]) : 0
}

interface Coming {
  /** Byte that was asked for, and the one that the answer begins with. */
  readonly from: number
  readonly begins: number
  readonly body: AsyncIterable<Buffer>
  readonly count: (bytes: number) => void
}

async function append({ files }: System, pack: Pack, { from, begins, body, count }: Coming): Promise<void> {
  const path = keptPack(pack)
  if (begins !== from) files.remove(path)
  if (begins !== from && begins !== 0) throw new Fault('HOST_ANSWER_INVALID', { from, begins }, `asked for the pack from byte ${from} on, the host begins at ${begins}`)
  let at = begins
  const sink = files.extend(path, 0o600)
  try {
    for await (const part of body) {
      count(part.length)
      at += part.length
      sink.write(part)
      if (at > pack.size) return
    }
  } finally {
    sink.close()
  }
  if (at === pack.size) return
  files.remove(path)
  throw new Fault('CONTENT_DIFFERS', { expected: pack.size, received: at }, `${at} of ${pack.size} bytes came`)
}

const sizeOf = ({ files }: System, pack: Pack): number => files.stat(keptPack(pack))?.size ?? 0

function broken({ code, details, message }: Fault, received: number, expected: number): Fault {
  const words = `the connection broke after ${received} of ${expected} bytes; the next try goes on there`
  return new Fault(code, { ...details, expected, received }, received === 0 ? message : words)
}
