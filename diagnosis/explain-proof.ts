import type { Proof } from './cause.ts'
import { instant } from './instant.ts'
import type { Line, Look } from './page.ts'
import { columns, cutLeft, printable } from './printable.ts'

const PLACE_WIDTH = 34
const STAMP = /^(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?)\s+/
const DAY_MS = 86_400_000

/** Lines with the place where they stand, and when, one below the other. */
export function proofLines(proofs: readonly Proof[], { now }: Look): Line[] {
  const rows = proofs.map(({ where, at, text }) => ({ place: cutLeft(printable(where), PLACE_WIDTH), ...timeAndText(at, text.trim(), now) }))
  const places = Math.max(0, ...rows.map(({ place }) => columns(place)))
  const times = Math.max(0, ...rows.map(({ time }) => time.length))
  return rows.map(({ place, time, text }) => ({ head: `${place}${' '.repeat(places - columns(place))}${times === 0 ? '' : ` ${time.padEnd(times)}`}`, text }))
}

/** Of a line that begins with a time, the time stands where all times stand. */
function timeAndText(at: string | undefined, text: string, now: Date): { time: string; text: string } {
  const own = at ?? STAMP.exec(text)?.[1]
  return at === undefined && own !== undefined ? { time: clock(own, now), text: text.slice(STAMP.exec(text)![0].length) } : { time: clock(own, now), text }
}

/** This host's clock; with the date where it is another day's. */
export function clock(at: string | undefined, now: Date): string {
  const then = instant(at)
  if (then === undefined) return ''
  const time = new Date(then)
  const two = (value: number): string => String(value).padStart(2, '0')
  const hours = `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`
  return Math.abs(now.getTime() - then) < DAY_MS ? hours : `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())} ${hours}`
}
