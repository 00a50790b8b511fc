import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { BuildFailure, ImageRefusal } from './refusal.ts'

export interface Ran {
  readonly code: number
  readonly stdout: Buffer
  readonly stderr: string
}

export interface RunOptions {
  /** Names of files are given relative to this folder, so that no path from outside meets a tool's own parser. */
  readonly cwd: string
  readonly input?: string
  /** Bytes of stdout that are taken; the tool is ended when it says more. */
  readonly limit?: number
  readonly seconds?: number
  readonly signal?: AbortSignal | undefined
  /** Takes stdout piece by piece instead of keeping it. */
  readonly onOutput?: (piece: Buffer) => void
}

const ADDRESS_SPACE = 4 * 2 ** 30
const ENVIRONMENT = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C', TZ: 'UTC', HOME: '/', DEBUGFS_PAGER: '__none__', UNIX_IO_NOZEROOUT: '1' }
const PACKAGES: Readonly<Record<string, string>> = {
  'qemu-img': 'qemu-utils', 'qemu-io': 'qemu-utils', debugfs: 'e2fsprogs', e2fsck: 'e2fsprogs', dumpe2fs: 'e2fsprogs', sfdisk: 'fdisk', openssl: 'openssl', strip: 'binutils',
  guestfish: 'libguestfs-tools libguestfs-xfs linux-image-cloud-amd64', resize2fs: 'e2fsprogs', perl: 'perl-base',
}

/** By whom is not known; mostly by the kernel. */
export const KILLED = 'was killed before it was done (SIGKILL); perhaps this machine is short of memory. Build again'

/**
 * The one place where the builder starts a process that sees an image: fixed environment, no shell, bounded memory, time and output. As root it is
 * called by the worker of without-root/ alone, which has no rights any more.
 * The tool dies with us (pdeathsig), so a killed build leaves no process behind.
 *
 * @returns also when the tool failed; only the caller knows what its exit code means
 * @throws ImageRefusal when the tool is not installed, BuildFailure when it ran out of time or somebody else killed it
 */
export function runTool(tool: string, args: readonly string[], options: RunOptions): Promise<Ran> {
  const seconds = options.seconds ?? 120
  const limit = options.limit ?? 16 * 2 ** 20
  options.signal?.throwIfAborted()
  return new Promise((resolve, reject) => {
    const child = spawn(
      'setpriv',
      ['--no-new-privs', '--pdeathsig', 'KILL', 'prlimit', `--as=${ADDRESS_SPACE}`, '--core=0', `--cpu=${seconds}`, tool, ...args],
      { cwd: options.cwd, env: ENVIRONMENT, stdio: ['pipe', 'pipe', 'pipe'], detached: true },
    )
    const out: Buffer[] = []
    const err: Buffer[] = []
    let taken = 0
    let late = false
    let ours = false
    const end = () => {
      ours = true
      child.kill('SIGKILL')
    }
    const timer = setTimeout(() => {
      late = true
      end()
    }, seconds * 1000)
    options.signal?.addEventListener('abort', end, { once: true })
    child.stdin.on('error', () => {}) // it may end before it has read all; its exit code tells
    child.stdin.end(options.input ?? '')
    child.stdout.on('data', (piece: Buffer) => {
      if (options.onOutput) return options.onOutput(piece)
      if (taken < limit) out.push(piece.subarray(0, limit - taken))
      taken += piece.length
      if (taken >= limit) end()
    })
    child.stderr.on('data', (piece: Buffer) => {
      if (err.length < 100) err.push(piece)
    })
    child.on('error', (cause) => reject(new BuildFailure(`${tool} cannot be started: ${cause.message}`, { cause })))
    child.on('close', (code, signal) => {
      clearTimeout(timer)
      options.signal?.removeEventListener('abort', end)
      const stderr = Buffer.concat(err).toString('utf8').slice(0, 20_000)
      if (options.signal?.aborted) return reject(options.signal.reason)
      if (late) return reject(new BuildFailure(`${tool} did not end within ${seconds} s`))
      if (signal === 'SIGKILL' && !ours) return reject(new BuildFailure(`${tool} ${KILLED}`)) // that tells nothing of the image
      if (code === 127 && /failed to execute|No such file/.test(stderr)) {
        return reject(new ImageRefusal(`${tool} is not installed. Type: apt install ${PACKAGES[tool] ?? tool}`))
      }
      resolve({ code: code ?? -1, stdout: Buffer.concat(out), stderr })
    })
  })
}

export interface RunningTool {
  readonly child: ChildProcessWithoutNullStreams
  /** Exit code, -1 when a signal ended it; comes when its output has ended too. */
  readonly ended: Promise<number>
}

export interface StartOptions {
  readonly cwd: string
  /** On top of the fixed environment. */
  readonly environment?: Readonly<Record<string, string>>
  /** Ends the tool. */
  readonly signal?: AbortSignal | undefined
}

/**
 * Starts a tool that is talked to while it runs, under runTool's rules except for its limits of memory and time: those are the caller's matter.
 *
 * @returns at once; a tool that is not installed ends with 127 and says so on stderr
 */
export function startTool(tool: string, args: readonly string[], options: StartOptions): RunningTool {
  options.signal?.throwIfAborted()
  const child = spawn('setpriv', ['--no-new-privs', '--pdeathsig', 'KILL', 'prlimit', '--core=0', tool, ...args], {
    cwd: options.cwd, env: { ...ENVIRONMENT, ...options.environment }, stdio: ['pipe', 'pipe', 'pipe'], detached: true,
  })
  const end = () => {
    child.kill('SIGKILL')
  }
  options.signal?.addEventListener('abort', end, { once: true })
  child.stdin.on('error', () => {}) // it may end before it has read all; its exit code tells
  child.on('error', () => {}) // close follows
  const ended = new Promise<number>((resolve) => {
    child.on('close', (code) => {
      options.signal?.removeEventListener('abort', end)
      resolve(code ?? -1)
    })
  })
  return { child, ended }
}

/** What a tool said, as one short line. */
export function said(ran: Ran): string {
  const text = (ran.stderr.trim() || ran.stdout.toString('utf8').trim()).split('\n').filter((line) => !/^(debugfs|e2fsck|dumpe2fs) \d/.test(line))
  return (text[0] ?? `exit code ${ran.code}`).slice(0, 300)
}
