import { spawn } from 'node:child_process'
import { openSync, closeSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import type { Duplex, Readable, Writable } from 'node:stream'
import { endWithUs } from './end-with-us.ts'

export interface DaemonOptions {
  /** For messages: `trove-conductor`. */
  readonly name: string
  readonly command: readonly string[]
  readonly env?: NodeJS.ProcessEnv
  readonly cwd?: string
  /** stdout and stderr go here; appended. */
  readonly log: string
  /** stdin, stdout and descriptor 3 (a socket) come to us; only stderr goes to the log. */
  readonly piped?: (streams: DaemonStreams) => void
  /** How long SIGTERM may take before SIGKILL follows. */
  readonly graceMs?: number
}

export interface DaemonStreams {
  readonly stdin: Writable
  readonly stdout: Readable
  readonly socket: Duplex
}

export interface Daemon extends AsyncDisposable {
  readonly name: string
  readonly pid: number
  readonly log: string
  readonly running: boolean
  /** Settles when the process is gone: `exit status 1`, `SIGKILL`. */
  readonly ended: Promise<string>
  /** SIGTERM, then SIGKILL when it takes longer than its grace. */
  stop(): Promise<void>
  /** SIGKILL, at once, to the whole group. */
  kill(): Promise<void>
}

const GRACE_MS = 5_000

/** Starts a program that goes on running, in a process group of its own that ends when we end, however we end. */
export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  const log = openSync(options.log, 'a', 0o600)
  // an ordinary child, pdeathsig and all: also when we are killed with -9, the kernel ends it
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', ...options.command], {
    detached: true,
    stdio: options.piped ? ['pipe', 'pipe', log, 'pipe'] : ['ignore', log, log],
    env: options.env ?? process.env,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  })
  closeSync(log)
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message))
    // 'close' comes when all that it had said has been read
    child.once(options.piped ? 'close' : 'exit', (code, signal) => resolve(signal ?? `exit status ${code}`))
  })
  await new Promise<void>((resolve, reject) => child.once('spawn', resolve).once('error', reject))
  const pid = child.pid!
  options.piped?.({ stdin: child.stdin!, stdout: child.stdout!, socket: child.stdio[3] as Duplex })
  const forget = endWithUs(pid)
  const isRunning = () => child.exitCode === null && child.signalCode === null
  void ended.then(forget)
  const kill = async () => {
    signalGroup(pid, 'SIGKILL')
    await ended
  }
  const stop = async () => {
    if (!isRunning()) return
    signalGroup(pid, 'SIGTERM')
    const timer = setTimeout(() => signalGroup(pid, 'SIGKILL'), options.graceMs ?? GRACE_MS)
    await ended
    clearTimeout(timer)
    signalGroup(pid, 'SIGKILL') // what it left in its group
  }
  return {
    name: options.name,
    pid,
    log: options.log,
    get running() {
      return isRunning()
    },
    ended,
    stop,
    kill,
    [Symbol.asyncDispose]: stop,
  }
}

/** Fails as soon as the process is gone, with the end of its log; otherwise settles with the condition. */
export async function whileRunning<T>(daemon: Daemon, condition: Promise<T>): Promise<T> {
  const gone = daemon.ended.then(async (how) => {
    const log = await readFile(daemon.log, 'utf8').catch(() => '')
    const tail = log.trimEnd().split('\n').slice(-12).map((line) => `  ${line}`)
    throw new Error(`${daemon.name} ended (${how}) before it was ready\n${tail.join('\n')}`)
  })
  gone.catch(() => {})
  return Promise.race([condition, gone])
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
