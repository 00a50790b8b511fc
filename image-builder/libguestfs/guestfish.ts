import { randomBytes } from 'node:crypto'
import { BuildFailure } from '../refusal.ts'
import { KILLED, startTool } from '../run-tool.ts'
import { commandLine } from './quote.ts'

/** A command failed in the appliance; guestfish goes on. */
export class CommandFailed extends Error {
  override readonly name = 'CommandFailed'
}

export interface Guestfish {
  /**
   * Runs one command; commands asked for at once run one after the other.
   *
   * @returns exactly the bytes that it printed
   * @throws CommandFailed when it said anything on stderr, BuildFailure when guestfish is gone
   */
  ask(command: string, ...args: (string | Buffer)[]): Promise<Buffer>
  /** A command that wants a key, which goes in on a line of its own, seen by nobody. */
  askWithKey(key: string, command: string, ...args: string[]): Promise<Buffer>
  /** Ends it and the appliance in good order. @throws BuildFailure when the exit code is not 0 */
  end(): Promise<void>
  /** Ends it without asking the appliance; the image is worth nothing then. */
  kill(): Promise<void>
}

export interface GuestfishOptions {
  readonly cwd: string
  readonly environment: Readonly<Record<string, string>>
  readonly signal?: AbortSignal | undefined
}

/** No single command takes longer on the slowest machine that is of use. */
const LIMIT_SECONDS = 900
/** guestfish takes its sockets in /tmp away when its input ends, unless it waits for an appliance that hangs. */
const FAREWELL_SECONDS = 5

/**
 * Starts guestfish and talks to it line by line. After each command it is made to say a mark that no image can know: on stdout by
 * echo, on stderr as a command that it does not know. What stands before the marks, and nothing else, came from the command.
 */
export function startGuestfish({ cwd, environment, signal }: GuestfishOptions): Guestfish {
  const { child, ended } = startTool('guestfish', ['--keys-from-stdin', '--no-progress-bars'], { cwd, environment, signal })
  const out = collect(child.stdout)
  const err = collect(child.stderr)
  let before: Promise<unknown> = Promise.resolve()
  let gone = false
  const gave = ended.then((code) => {
    gone = true
    signal?.throwIfAborted()
    throw new BuildFailure(code === -1 ? `guestfish ${KILLED}` : `guestfish ended with ${code}: ${firstLine(err.take()) || 'without a word'}`)
  })
  gave.catch(() => {}) // told to whoever asks next

  async function exchange(line: string, key: string | undefined): Promise<Buffer> {
    const mark = `end-${randomBytes(16).toString('hex')}`
    child.stdin.write(`${line}\n${key === undefined ? '' : `${key}\n`}-echo ${mark}\n-${mark}\n`)
    const marks = Promise.all([out.upTo(`${mark}\n`), err.upTo(`${mark}: unknown command\n`)])
    const [printed, complaint] = await within(LIMIT_SECONDS, Promise.race([marks, gave]), () => stop())
    if (complaint.length > 0) throw new CommandFailed(complaint.toString('utf8').trim().replace(/^\*stdin\*:\d+: /gm, '').replace(/^libguestfs: error: /gm, ''))
    return printed
  }
  /** The appliance is of its process group. */
  function stop(): void {
    if (!gone && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
  }
  function queue(line: string, key?: string): Promise<Buffer> {
    const turn = before.then(() => exchange(line, key))
    before = turn.catch(() => {})
    return turn
  }
  signal?.addEventListener('abort', stop, { once: true })
  void ended.then(() => signal?.removeEventListener('abort', stop))
  return {
    ask: async (command, ...args) => await queue(commandLine(command, args)),
    askWithKey: async (key, command, ...args) => await queue(commandLine(command, args), key),
    async end() {
      await before
      await queue(commandLine('shutdown', []))
      child.stdin.end()
      const code = await ended
      if (code !== 0) throw new BuildFailure(`guestfish ended with ${code}: ${firstLine(err.take()) || 'without a word'}`)
    },
    async kill() {
      child.stdin.end()
      const timer = setTimeout(stop, FAREWELL_SECONDS * 1000)
      await ended
      clearTimeout(timer)
    },
  }
}

/** Keeps what comes until an end is seen; nothing comes after it before the next command. */
function collect(stream: NodeJS.ReadableStream) {
  let pieces: Buffer[] = []
  let tail = Buffer.alloc(0)
  let waiting: { readonly end: Buffer; readonly resolve: (bytes: Buffer) => void } | undefined
  function look(): void {
    if (!waiting || !tail.subarray(-waiting.end.length).equals(waiting.end)) return
    const { end, resolve } = waiting
    waiting = undefined
    resolve(take().subarray(0, -end.length))
  }
  function take(): Buffer {
    const all = Buffer.concat(pieces)
    pieces = []
    tail = Buffer.alloc(0)
    return all
  }
  stream.on('data', (piece: Buffer) => {
    pieces.push(piece)
    tail = Buffer.concat([tail, piece]).subarray(-256)
    look()
  })
  return {
    take,
    upTo: (end: string) =>
      new Promise<Buffer>((resolve) => {
        waiting = { end: Buffer.from(end), resolve }
        look()
      }),
  }
}

async function within<T>(seconds: number, answer: Promise<T>, stop: () => void): Promise<T> {
  const timer = setTimeout(stop, seconds * 1000)
  try {
    return await answer
  } finally {
    clearTimeout(timer)
  }
}

function firstLine(bytes: Buffer): string {
  return bytes.toString('utf8').trim().split('\n')[0]!.slice(0, 300)
}
