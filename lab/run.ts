import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

export interface RunOptions {
  readonly cwd?: string
  /** The whole environment; without it the lab's own. */
  readonly env?: NodeJS.ProcessEnv
  readonly input?: string
  readonly timeoutMs?: number
  /** Each line of stdout and stderr as it comes. */
  readonly onLine?: (line: string) => void
  readonly signal?: AbortSignal
}

const TAIL_LINES = 15

/**
 * Runs a program to its end. It dies with us, even when we are killed.
 *
 * @returns stdout
 * @throws CommandFailed with the last lines it said
 */
export async function run(command: readonly string[], options: RunOptions = {}): Promise<string> {
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', ...command], {
    stdio: ['pipe', 'pipe', 'pipe'],
    cwd: options.cwd,
    env: options.env ?? process.env,
    signal: timeLimit(options),
    killSignal: 'SIGKILL',
  })
  const out: string[] = []
  const tail: string[] = []
  const follow = (stream: NodeJS.ReadableStream, keep: boolean) =>
    createInterface({ input: stream }).on('line', (line) => {
      if (keep) out.push(line)
      tail.push(line)
      if (tail.length > TAIL_LINES) tail.shift()
      options.onLine?.(line)
    })
  follow(child.stdout, true)
  follow(child.stderr, false)
  child.stdin.on('error', () => {}) // a program that does not read its input may end first
  child.stdin.end(options.input ?? '')
  let cause: unknown
  child.on('error', (error) => (cause = error))
  const [code, signal] = (await once(child, 'close').catch((error) => [error])) as [number | null, string | null]
  if (cause === undefined && code === 0) return out.join('\n') + (out.length > 0 ? '\n' : '')
  throw new CommandFailed(command, cause === undefined ? `exit status ${code ?? signal}` : String((cause as Error).message), tail, { cause })
}

/** The same command as root: as it is for root, with sudo for others. */
export function asRoot(command: readonly string[]): string[] {
  return process.getuid?.() === 0 ? [...command] : ['sudo', '--', ...command]
}

/** A program that did not end with 0. The message has its name, the status and its last lines. */
export class CommandFailed extends Error {
  override readonly name = 'CommandFailed'
  readonly command: readonly string[]
  readonly tail: readonly string[]

  constructor(command: readonly string[], status: string, tail: readonly string[], options?: ErrorOptions) {
    super(`${command.slice(0, 3).join(' ')} … ended with ${status}\n${tail.map((line) => `  ${line}`).join('\n')}`, options)
    this.command = command
    this.tail = tail
  }
}

function timeLimit(options: RunOptions): AbortSignal | undefined {
  const limits = [options.signal, options.timeoutMs === undefined ? undefined : AbortSignal.timeout(options.timeoutMs)]
  const present = limits.filter((signal) => signal !== undefined)
  return present.length === 0 ? undefined : AbortSignal.any(present)
}
