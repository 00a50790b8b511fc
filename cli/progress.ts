import { styleText } from 'node:util'

/** Something that takes time, told while it happens: in place on a terminal, one plain line at its end elsewhere. */
export interface Step {
  /** What is being done now. */
  update(text: string): void
  /** Ends the step well; the text replaces the last update. */
  done(text: string): void
  /** Ends the step badly; the reason follows elsewhere. */
  fail(text: string): void
}

export interface Progress {
  step(name: string): Step
  /** A line of its own, between steps or above the running one. */
  say(line: string): void
}

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']
const FRAME_MS = 100
const NAME_WIDTH = 22
const TEXT_WIDTH = 72

/** @param out where progress goes: stderr for verbs whose stdout is read by programs */
export function progress(out: NodeJS.WriteStream): Progress {
  return out.isTTY && process.env['TERM'] !== 'dumb' ? inPlace(out) : plain(out)
}

/** One step around some work, on stderr. @param done what is said when it went well */
export async function shownAs<T>(name: string, done: string, work: () => Promise<T>): Promise<T> {
  const step = progress(process.stderr).step(name)
  try {
    const result = await work()
    step.done(done)
    return result
  } catch (error) {
    step.fail('')
    throw error
  }
}

function plain(out: NodeJS.WriteStream): Progress {
  return {
    step(name) {
      const began = performance.now()
      const end = (mark: string) => (text: string) => out.write(`${line(mark, name, text, began)}\n`)
      return { update() {}, done: end('✔'), fail: end('✘') }
    },
    say: (text) => void out.write(`${text}\n`),
  }
}

function inPlace(out: NodeJS.WriteStream): Progress {
  let current: (() => string) | undefined
  let frame = 0
  const clear = () => out.write('\r\x1b[2K')
  const draw = () => {
    if (current) out.write(`\r\x1b[2K${current().slice(0, Math.max(20, out.columns - 1))}`)
  }
  return {
    step(name) {
      const began = performance.now()
      let text = ''
      current = () => line(FRAMES[frame++ % FRAMES.length]!, name, text, began)
      const timer = setInterval(draw, FRAME_MS).unref()
      const end = (mark: string) => (last: string) => {
        clearInterval(timer)
        current = undefined
        clear()
        out.write(`${line(mark, name, last, began)}\n`)
      }
      draw()
      return {
        update(now) {
          text = now
          draw()
        },
        done: end(styleText('green', '✔', { stream: out })),
        fail: end(styleText('red', '✘', { stream: out })),
      }
    },
    say(text) {
      clear()
      out.write(`${text}\n`)
      draw()
    },
  }
}

function line(mark: string, name: string, text: string, began: number): string {
  const seconds = (performance.now() - began) / 1000
  return `${mark} ${name.padEnd(NAME_WIDTH)} ${text.padEnd(TEXT_WIDTH)} ${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`
}
