import { createReadStream, createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import type { Content } from '../change.ts'
import { sizeOf } from '../change.ts'
import { BuildFailure } from '../refusal.ts'

/** What stands in the archive; paths are absolute and real. */
export type Member =
  | { readonly type: 'folder'; readonly path: string; readonly mode: number; readonly uid: number; readonly gid: number }
  | { readonly type: 'file'; readonly path: string; readonly mode: number; readonly uid: number; readonly gid: number; readonly content: Content }
  | { readonly type: 'link'; readonly path: string; readonly target: string }

const BLOCK = 512
const TYPE = { file: '0', link: '2', folder: '5', longTarget: 'K', longName: 'L' } as const

/** Writes a tar archive in GNU's form, which takes names of any length. @param mtime seconds since 1970 */
export async function writeTar(file: string, members: readonly Member[], mtime: number): Promise<void> {
  await pipeline(archive(members, mtime), createWriteStream(file, { mode: 0o600 }))
}

async function* archive(members: readonly Member[], mtime: number): AsyncGenerator<Buffer> {
  for (const member of members) {
    const name = Buffer.from(member.path.slice(1))
    const target = Buffer.from(member.type === 'link' ? member.target : '')
    if (target.length > 100) yield* long(TYPE.longTarget, target)
    if (name.length > 100) yield* long(TYPE.longName, name)
    const owned = member.type === 'link' ? { mode: 0o777, uid: 0, gid: 0 } : member
    const size = member.type === 'file' ? sizeOf(member.content) : 0
    yield header({ ...owned, type: TYPE[member.type], name, target, size, mtime })
    if (member.type !== 'file') continue
    yield* bytesOf(member.content, size)
    yield padding(size)
  }
  yield Buffer.alloc(2 * BLOCK)
}

async function* bytesOf(content: Content, size: number): AsyncGenerator<Buffer> {
  if (!('hostFile' in content)) return yield 'text' in content ? Buffer.from(content.text) : content.bytes
  let read = 0
  for await (const piece of createReadStream(content.hostFile) as AsyncIterable<Buffer>) {
    read += piece.length
    yield piece
  }
  if (read !== size) throw new BuildFailure(`${content.hostFile} has ${read} bytes and had ${size} before: it was changed meanwhile`)
}

/** A member of its own that holds what does not fit the next one's header. */
function* long(type: string, value: Buffer): Generator<Buffer> {
  const size = value.length + 1
  yield header({ mode: 0, uid: 0, gid: 0, type, name: Buffer.from('././@LongLink'), target: Buffer.alloc(0), size, mtime: 0 })
  yield Buffer.concat([value, Buffer.alloc(1), padding(size)])
}

interface Header {
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly type: string
  readonly name: Buffer
  readonly target: Buffer
  readonly size: number
  readonly mtime: number
}

function header({ mode, uid, gid, type, name, target, size, mtime }: Header): Buffer {
  const block = Buffer.alloc(BLOCK)
  name.copy(block, 0, 0, 100)
  number(block, mode, 100, 8)
  number(block, uid, 108, 8)
  number(block, gid, 116, 8)
  number(block, size, 124, 12)
  number(block, mtime, 136, 12)
  block.write('        ', 148)
  block.write(type, 156)
  target.copy(block, 157, 0, 100)
  block.write('ustar  \0', 257)
  const sum = block.reduce((total, byte) => total + byte, 0)
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return block
}

/** Octal digits, or GNU's binary form where they do not suffice. */
function number(block: Buffer, value: number, at: number, width: number): void {
  const digits = value.toString(8)
  if (digits.length < width) return void block.write(digits.padStart(width - 1, '0'), at)
  block.writeUIntBE(value, at + width - 6, 6)
  block[at] = 0x80
}

function padding(size: number): Buffer {
  return Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK)
}
