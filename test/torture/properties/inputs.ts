// What parsers are given: what is purely random, and, because that is refused at the first byte, what was valid before it was changed.
import fc, { type Arbitrary } from 'fast-check'

/** Numbers at which something ends: of 8, 16, 32 and 64 bits. */
const EDGES = [0, 1, 2, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xffffffff]
/** What means something to somebody further on. */
const WORDS = ['', ' ', '\t', '\n', '\r\n', '\0', '\u001b[2J', '\u009b31m', '\u2028', '\u202e', '\ud800', '\ufffd', 'é', '☃', '😀', '..', '/', '\\', '%', '%00', '%2e', '"', "'", '<', '&', '__proto__', 'constructor', 'null', '-1', '1e999', '99999999999999999999']

/** Texts made of these and of what means something elsewhere. */
export function texts(words: readonly string[] = []): Arbitrary<string> {
  const word = fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...words, ...WORDS) }, { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 12 }) }, { weight: 1, arbitrary: fc.string({ maxLength: 12 }) })
  return fc.oneof({ weight: 9, arbitrary: fc.array(word, { maxLength: 30 }).map((parts) => parts.join('')) }, { weight: 1, arbitrary: long(word) })
}

/** Characters of what is long. */
const LONG = 100_000

/** A word many times over: what is quadratic shows here. */
function long(word: Arbitrary<string>): Arbitrary<string> {
  return fc.tuple(word, word, fc.integer({ min: 1, max: 2000 }), word).map(([first, again, times, last]) => first + again.repeat(Math.min(times, Math.ceil(LONG / (again.length + 1)))) + last)
}

/** Valid texts with a few changes. @param words that are put in */
export function changedTexts(valid: readonly string[], words: readonly string[] = []): Arbitrary<string> {
  const change = fc.tuple(fc.nat(), fc.nat({ max: 8 }), fc.oneof(fc.constantFrom(...words, ...WORDS), fc.string({ unit: 'binary', maxLength: 3 })))
  return fc.tuple(fc.constantFrom(...valid), fc.array(change, { maxLength: 5 })).map(([text, changes]) =>
    changes.reduce((text, [at, removed, put]) => {
      const index = at % (text.length + 1)
      return text.slice(0, index) + put + text.slice(index + removed)
    }, text),
  )
}

type Change = (bytes: Buffer) => Buffer

/** Valid bytes with a few changes, and now and then bytes of no origin. @param places where a change is worth more than elsewhere */
export function changedBytes(valid: readonly Buffer[], places: readonly number[] = []): Arbitrary<Buffer> {
  const changes = fc.array(changeOf(valid, places), { minLength: 1, maxLength: 6 })
  const changed = fc.tuple(fc.constantFrom(...valid), changes).map(applied)
  return fc.oneof({ weight: 9, arbitrary: changed }, { weight: 1, arbitrary: fc.uint8Array({ maxLength: 600 }).map((bytes) => Buffer.from(bytes)) })
}

/** Bytes that are written over others. */
export interface Overwrite {
  readonly at: number
  readonly bytes: Buffer
}

/** A few of them, at places that matter more often than elsewhere. */
export const overwrites = (places: readonly number[]): Arbitrary<Overwrite[]> => fc.array(overwrite(places), { minLength: 1, maxLength: 6 })

/** The same bytes with those over them, in a copy. */
export function overwritten(bytes: Buffer, changes: readonly Overwrite[]): Buffer {
  const changed = Buffer.from(bytes)
  for (const { at, bytes } of changes) if (changed.length > 0) bytes.copy(changed, at % changed.length)
  return changed
}

const applied = ([bytes, changes]: [Buffer, Change[]]): Buffer => changes.reduce<Buffer>((bytes, change) => change(bytes), Buffer.from(bytes))

function overwrite(places: readonly number[]): Arbitrary<Overwrite> {
  const at = places.length === 0 ? fc.nat() : fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...places) }, { weight: 1, arbitrary: fc.nat() })
  const value = fc.oneof(fc.constantFrom(...EDGES), fc.nat({ max: 300 }), fc.nat({ max: 0xffffffff }))
  return fc.tuple(at, fc.constantFrom(1, 2, 4, 8), value, fc.boolean()).map(([at, width, value, little]) => {
    const number = Buffer.alloc(8, value === 0xffffffff ? 0xff : 0)
    if (little) number.writeUInt32LE(value)
    else number.writeUInt32BE(value, Math.max(0, width - 4))
    return { at, bytes: number.subarray(0, width) }
  })
}

function changeOf(valid: readonly Buffer[], places: readonly number[]): Arbitrary<Change> {
  const cut = fc.nat().map((at): Change => (bytes) => bytes.subarray(0, at % (bytes.length + 1)))
  const removed = fc.tuple(fc.nat(), fc.integer({ min: 1, max: 40 })).map(([at, count]): Change => (bytes) => without(bytes, at % (bytes.length + 1), count))
  const put = fc.tuple(fc.nat(), fc.uint8Array({ minLength: 1, maxLength: 40 })).map(([at, put]): Change => (bytes) => spliced(bytes, at % (bytes.length + 1), put))
  const twice = fc.tuple(fc.nat(), fc.integer({ min: 1, max: 200 })).map(([at, count]): Change => (bytes) => spliced(bytes, at % (bytes.length + 1), bytes.subarray(at % (bytes.length + 1)).subarray(0, count)))
  const other = fc.tuple(fc.nat(), fc.constantFrom(...valid)).map(([at, other]): Change => (bytes) => Buffer.concat([bytes.subarray(0, at % (bytes.length + 1)), other.subarray(at % (other.length + 1))]))
  return fc.oneof({ weight: 6, arbitrary: overwrite(places).map((change): Change => (bytes) => overwritten(bytes, [change])) }, cut, removed, put, twice, other)
}

const without = (bytes: Buffer, at: number, count: number): Buffer => Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + count)])
const spliced = (bytes: Buffer, at: number, put: Uint8Array): Buffer => Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at)])

/** Any JSON, with what is odd about it: depth, numbers beyond all bounds, names of JavaScript's own. */
export const anyJson: Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(null, true, 0, -1, 1.5, 2 ** 53, 1e308, '', [], {}, deep(1000), [[[[]]]], { __proto__: null, constructor: 1 }, JSON.parse('{"__proto__":{"a":1}}')),
  texts(),
  fc.jsonValue({ maxDepth: 2 }),
)

function deep(levels: number): unknown {
  let value: unknown = 0
  for (let level = 0; level < levels; level++) value = level % 2 === 0 ? [value] : { a: value }
  return value
}

/** Valid values with some of their parts replaced, taken out or added, at any depth. */
export function changedJson(valid: readonly unknown[]): Arbitrary<unknown> {
  const change = fc.tuple(fc.array(fc.nat(), { maxLength: 6 }), fc.constantFrom('replace', 'remove', 'add'), anyJson, fc.constantFrom('a', '', '__proto__', 'constructor', '\u001b[2J', 'x'.repeat(300)))
  return fc.tuple(fc.constantFrom(...valid), fc.array(change, { minLength: 1, maxLength: 3 })).map(([value, changes]) => changes.reduce<unknown>((value, [way, kind, put, name]) => changedAt(value, way, kind, put, name), structuredClone(value)))
}

function changedAt(value: unknown, [step, ...way]: readonly number[], kind: string, put: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return kind === 'add' ? value : put
  const keys = Object.keys(value)
  if (kind === 'add' && (step === undefined || keys.length === 0)) return Array.isArray(value) ? [...value, put] : Object.defineProperty({ ...value }, name, { value: put, enumerable: true })
  if (step === undefined || keys.length === 0) return put
  const key = keys[step % keys.length]!
  const inner = (value as Record<string, unknown>)[key]
  const next = way.length === 0 && kind === 'remove' ? undefined : changedAt(inner, way, kind, put, name)
  if (Array.isArray(value)) return next === undefined ? value.filter((_, index) => String(index) !== key) : value.with(Number(key), next)
  return next === undefined ? Object.fromEntries(Object.entries(value).filter(([other]) => other !== key)) : { ...value, [key]: next }
}

/** The text of such a value, and now and then one with an error in it. */
export function changedJsonText(valid: readonly unknown[]): Arbitrary<string> {
  const written = changedJson(valid).map((value) => JSON.stringify(value))
  return fc.oneof({ weight: 6, arbitrary: written }, { weight: 1, arbitrary: changedTexts(valid.map((value) => JSON.stringify(value)), ['[', '{', '}', ']', ',', '"a":', '1e999', '[['.repeat(5000)]) })
}
