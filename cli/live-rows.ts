import { styleText } from 'node:util'
import { columns, cut, printable } from '../diagnosis/printable.ts'

/** One line of a view that stands for one thing all the time. */
export interface Row {
  readonly key: string
  readonly text: string
  /** Nothing has happened there yet: shown in place only. */
  readonly idle?: boolean
}

export interface LiveRows {
  show(rows: readonly Row[]): void
  /** A line above the rows. */
  say(line: string): void
  /** Leaves the last rows standing. */
  end(): void
}

/** Rows that change: over themselves on a terminal, elsewhere each once whenever it has changed. */
export function liveRows(out: NodeJS.WriteStream): LiveRows {
  return out.isTTY && process.env['TERM'] !== 'dumb' ? inPlace(out) : plain(out)
}

function plain(out: NodeJS.WriteStream): LiveRows {
  const before = new Map<string, string>()
  return {
    show(rows) {
      for (const { key, text, idle } of rows) {
        if (idle === true || before.get(key) === text) continue
        before.set(key, text)
        out.write(`${printable(text)}\n`)
      }
    },
    say: (line) => void out.write(`${printable(line)}\n`),
    end() {},
  }
}

function inPlace(out: NodeJS.WriteStream): LiveRows {
  let last: readonly Row[] = []
  const up = (): string => (last.length === 0 ? '' : `\x1b[${last.length}A\r\x1b[J`)
  const draw = (rows: readonly Row[]): string => rows.map(({ text, idle }) => `${painted(printable(text), idle === true, out)}\n`).join('')
  return {
    show(rows) {
      out.write(`${up()}${draw(rows)}`)
      last = rows
    },
    say(line) {
      out.write(`${up()}${printable(line)}\n${draw(last)}`)
    },
    end() {
      last = []
    },
  }
}

/** Longer lines would take two rows, and the next view would begin in the wrong one. */
function painted(text: string, idle: boolean, out: NodeJS.WriteStream): string {
  const line = columns(text) < out.columns ? text : cut(text, out.columns - 1)
  return idle ? styleText('dim', line, { stream: out }) : line
}
