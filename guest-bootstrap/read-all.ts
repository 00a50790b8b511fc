import { Fault } from '../contract/fault.ts'

/** A whole body. @throws Fault HOST_ANSWER_INVALID when it is longer than `limit` bytes */
export async function readAll(body: AsyncIterable<Buffer>, limit: number): Promise<Buffer> {
  const parts: Buffer[] = []
  let size = 0
  for await (const part of body) {
    size += part.length
    if (size > limit) throw new Fault('HOST_ANSWER_INVALID', { limit }, `an answer of more than ${limit} bytes`)
    parts.push(part)
  }
  return Buffer.concat(parts)
}

/**
 * Leaves a body in its middle, or before its beginning. An answer that nobody reads to its end or leaves keeps its connection for good, and
 * of these there are two.
 */
export async function leave(body: AsyncIterable<Buffer>): Promise<void> {
  try {
    for await (const _ of body) return
  } catch {
    // A connection that breaks is left, too.
  }
}
