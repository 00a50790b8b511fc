import type { Duplex } from 'node:stream'
import { createInterface } from 'node:readline'

interface Answer {
  readonly id?: number
  readonly return?: unknown
  readonly error?: { readonly desc: string }
}

/** QEMU's monitor: one JSON object a line, both ways. */
export class Monitor {
  readonly #socket: Duplex
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>()
  #next = 1

  constructor(socket: Duplex) {
    this.#socket = socket
    socket.on('error', () => {})
    createInterface({ input: socket }).on('line', (line) => this.#take(line)).on('close', () => this.#end())
    this.#send({ execute: 'qmp_capabilities' })
  }

  /** The power button. */
  powerDown(): void {
    this.#send({ execute: 'system_powerdown' })
  }

  /**
   * A command of QEMU's monitor for people, such as `savevm NAME`.
   * @throws with what QEMU says: such commands report failure by saying something
   */
  async human(command: string): Promise<void> {
    const said = await this.#ask('human-monitor-command', { 'command-line': command })
    if (typeof said === 'string' && said.trim() !== '') throw new Error(`QEMU answers to "${command}": ${said.trim()}`)
  }

  #ask(execute: string, args: object): Promise<unknown> {
    const id = this.#next++
    const answer = Promise.withResolvers<unknown>()
    this.#waiting.set(id, answer)
    this.#send({ execute, arguments: args, id })
    return answer.promise
  }

  #take(line: string): void {
    const { id, return: value, error } = JSON.parse(line) as Answer
    const answer = id === undefined ? undefined : this.#waiting.get(id)
    if (id === undefined || answer === undefined) return
    this.#waiting.delete(id)
    if (error) answer.reject(new Error(error.desc))
    else answer.resolve(value)
  }

  #end(): void {
    for (const answer of this.#waiting.values()) answer.reject(new Error('QEMU has ended'))
    this.#waiting.clear()
  }

  #send(message: object): void {
    if (this.#socket.writable) this.#socket.write(`${JSON.stringify(message)}\n`)
  }
}
