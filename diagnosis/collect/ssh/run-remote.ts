import type { Client } from 'ssh2'

export interface RemoteOptions {
  /** Given to the program's standard input, which ends then. */
  readonly input: string
  /** Bytes of stdout and stderr each; a program that says more is not listened to any longer. */
  readonly limit: number
  readonly signal: AbortSignal
  /** After each piece of stdout, with all of it so far. */
  readonly onOutput?: (soFar: Buffer) => void
}

export interface RemoteResult {
  readonly stdout: Buffer
  readonly stderr: Buffer
  /** Absent: it was killed, or did not end in time. */
  readonly code?: number
  /** When the input was given; milliseconds since 1970. */
  readonly began?: number
  /** Why there may be more than is here: the limit, the deadline, or a connection that ended. */
  readonly cut?: 'limit' | 'late' | 'refused'
}

/** Runs one command line to its end, its limit or the deadline, whichever comes first. Never throws: what came is the result. */
export function runRemote(client: Client, command: string, { input, limit, signal, onOutput }: RemoteOptions): Promise<RemoteResult> {
  const { promise, resolve } = Promise.withResolvers<RemoteResult>()
  const stdout = new Gathered(limit)
  const stderr = new Gathered(limit)
  let code: number | undefined
  let began: number | undefined
  const end = (cut?: RemoteResult['cut']) =>
    resolve({ stdout: stdout.all, stderr: stderr.all, ...(code === undefined ? {} : { code }), ...(began === undefined ? {} : { began }), ...(cut === undefined ? {} : { cut }) })
  const late = () => end('late')
  if (signal.aborted) late()
  signal.addEventListener('abort', late)
  client.once('close', late)
  const begin = () =>
    client.exec(command, (error, channel) => {
      if (error) return end('refused')
      const take = (into: Gathered) => (chunk: Buffer) => {
        if (into.take(chunk)) return into === stdout ? onOutput?.(stdout.all) : undefined
        channel.close()
        end('limit')
      }
      channel.on('data', take(stdout)).stderr.on('data', take(stderr))
      channel.on('exit', (status: number | null) => (code = status ?? undefined))
      channel.on('error', () => end('refused')) // a program that does not read its input
      channel.on('close', () => end())
      began = Date.now()
      channel.end(input)
    })
  try {
    begin()
  } catch {
    end('refused') // the connection has ended
  }
  return promise.finally(() => {
    signal.removeEventListener('abort', late)
    client.removeListener('close', late)
  })
}

/** Bytes up to a limit, in one piece of memory that grows by doubling. */
class Gathered {
  readonly #limit: number
  #space = Buffer.alloc(64 * 1024)
  #filled = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  get all(): Buffer {
    return this.#space.subarray(0, this.#filled)
  }

  /** @returns whether all of it found room */
  take(chunk: Buffer): boolean {
    const part = chunk.subarray(0, this.#limit - this.#filled)
    while (this.#filled + part.length > this.#space.length) this.#space = Buffer.concat([this.#space, Buffer.alloc(this.#space.length)])
    part.copy(this.#space, this.#filled)
    this.#filled += part.length
    return part.length === chunk.length
  }
}
