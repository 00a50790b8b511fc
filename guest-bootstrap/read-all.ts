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
