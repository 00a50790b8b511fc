import type { Duplex } from 'node:stream'

/**
 * QEMU's monitor: one JSON object a line, both ways. Says the greeting's answer at once; what comes back is not read,
 * since the machine's end tells all that the lab wants to know.
 */
export class Monitor {
  readonly #socket: Duplex

  constructor(socket: Duplex) {
    this.#socket = socket
    socket.on('error', () => {}).resume()
    this.#send('qmp_capabilities')
  }

  /** The power button. */
  powerDown(): void {
    this.#send('system_powerdown')
  }

  #send(command: string): void {
    if (this.#socket.writable) this.#socket.write(`${JSON.stringify({ execute: command })}\n`)
  }
}
