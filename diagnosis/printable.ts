// Text from strangers, made fit for one line of a terminal.
import { printable } from '../contract/printable.ts'

export { printable }

const WIDE = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}|[\u{20000}-\u{3fffd}]/u

/** Each line printable: what is put together of several keeps its lines. */
export function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n')
}

/** Columns that a printable text takes. */
export function columns(text: string): number {
  let sum = 0
  for (const character of text) sum += /\p{M}/u.test(character) ? 0 : WIDE.test(character) ? 2 : 1
  return sum
}

/** Cut to a width, with `…` where something is missing. @param width columns, at least 1 */
export function cut(text: string, width: number): string {
  if (text.length <= width && columns(text) <= width) return text
  let [kept, sum] = ['', 0]
  for (const character of text) {
    const next = columns(character)
    if (sum + next > width - 1) break
    kept += character
    sum += next
  }
  return `${kept.trimEnd()}…`
}

/** The same from the other end: of a path the end tells most. */
export function cutLeft(text: string, width: number): string {
  if (columns(text) <= width) return text
  let [kept, sum] = ['', 0]
  for (const character of [...text].reverse()) {
    const next = columns(character)
    if (sum + next > width - 1) break
    kept = character + kept
    sum += next
  }
  return `…${kept}`
}

/** Words on as many lines as they need; a word that is wider than a line is cut. @param most lines; the last one ends with `…` where words are left */
export function wrap(text: string, width: number, most = Infinity): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(/ +/)) {
    if (line === '') line = word
    else if (columns(line) + 1 + columns(word) <= width) line += ` ${word}`
    else {
      lines.push(line)
      line = word
    }
  }
  lines.push(line)
  const shown = lines.length > most ? [...lines.slice(0, most - 1), `${lines[most - 1]} …`] : lines
  return shown.map((one) => cut(one, width))
}
