import { closeSync, openSync, writeSync } from 'node:fs'
import { stripVTControlCharacters } from 'node:util'
import { StringDecoder } from 'node:string_decoder'

/** What a guest says on its serial line, over all its boots, line by line and without colours. */
export interface SerialConsole {
  /** The log: the bytes as they came. */
  readonly path: string
  /** All so far. */
  text(): string
  /** From the beginning, then as they come; ends when the guest is disposed. */
  lines(): AsyncIterable<string>
  /**
   * The first line that matches; also one that is not ended yet, such as a prompt.
   *
   * @param options.from a `mark()`: only lines that begin after it
   * @param options.whole only lines that are ended
   * @throws with the last lines, after `timeoutMs` or when the guest is disposed
   */
  waitFor(pattern: RegExp, options: { timeoutMs: number; from?: number; whole?: boolean }): Promise<RegExpExecArray>
  mark(): number
  /** Keystrokes into the guest's serial line. */
  type(text: string): void
}

const TAIL_LINES = 20

export class ConsoleLog implements SerialConsole {
  readonly path: string
  readonly #log: number
  readonly #decoder = new StringDecoder('utf8')
  readonly #lines: string[] = []
  #unfinished = ''
  #ended = false
  #changed = Promise.withResolvers<void>()
  #keyboard: ((text: string) => void) | undefined

  constructor(path: string) {
    this.path = path
    this.#log = openSync(path, 'a', 0o600)
  }

  /** From the machine: what it sent. */
  take(chunk: Buffer): void {
    writeSync(this.#log, chunk)
    const lines = (this.#unfinished + this.#decoder.write(chunk)).split('\n')
    this.#unfinished = lines.pop()!
    this.#lines.push(...lines.map(readable))
    this.#wake()
  }

  /** From the machine: where keystrokes go while it runs. */
  attachKeyboard(keyboard: (text: string) => void): void {
    this.#keyboard = keyboard
  }

  /** The machine was switched off: what it had begun to say ends here. */
  cut(): void {
    this.#keyboard = undefined
    this.breakLine()
  }

  /** What it says next does not go on with what it has begun to say. */
  breakLine(): void {
    if (this.#unfinished !== '') this.#lines.push(readable(this.#unfinished))
    this.#unfinished = ''
    this.#wake()
  }

  end(): void {
    if (this.#ended) return
    this.#ended = true
    closeSync(this.#log)
    this.#wake()
  }

  text(): string {
    return [...this.#lines, readable(this.#unfinished)].join('\n')
  }

  async *lines(): AsyncGenerator<string> {
    for (let next = 0; ; ) {
      while (next < this.#lines.length) yield this.#lines[next++]!
      if (this.#ended) return
      await this.#changed.promise
    }
  }

  async waitFor(pattern: RegExp, { timeoutMs, from = 0, whole = false }: { timeoutMs: number; from?: number; whole?: boolean }): Promise<RegExpExecArray> {
    const search = new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, ''))
    const timer = Promise.withResolvers<void>()
    let late = false
    const timeout = setTimeout(() => {
      late = true
      timer.resolve()
    }, timeoutMs)
    try {
      for (let next = from; ; ) {
        for (; next < this.#lines.length; next++) {
          const match = search.exec(this.#lines[next]!)
          if (match) return match
        }
        const match = !whole && next === this.#lines.length ? search.exec(readable(this.#unfinished)) : null
        if (match) return match
        if (late) throw new Error(`waited ${timeoutMs / 1000} s for ${pattern} on the serial console; its last lines:\n${this.#tail()}`)
        if (this.#ended) throw new Error(`the guest was ended before ${pattern} stood on its serial console; its last lines:\n${this.#tail()}`)
        await Promise.race([this.#changed.promise, timer.promise])
      }
    } finally {
      clearTimeout(timeout)
    }
  }

  mark(): number {
    return this.#lines.length + (this.#unfinished === '' ? 0 : 1)
  }

  type(text: string): void {
    if (!this.#keyboard) throw new Error('the guest is not running: nobody reads what is typed on its serial console')
    this.#keyboard(text)
  }

  #tail(): string {
    const lines = [...this.#lines, readable(this.#unfinished)].filter((line) => line !== '')
    return lines.slice(-TAIL_LINES).map((line) => `  ${line}`).join('\n')
  }

  #wake(): void {
    const { resolve } = this.#changed
    this.#changed = Promise.withResolvers<void>()
    resolve()
  }
}

function readable(line: string): string {
  return stripVTControlCharacters(line).replace(/\r/g, '')
}
