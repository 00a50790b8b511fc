import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Test } from 'tap'
import { GUEST } from '../../contract/paths.ts'
import { realFiles } from '../../guest-bootstrap/machine/real-files.ts'
import { realHttp } from '../../guest-bootstrap/machine/real-http.ts'
import { realPeek } from '../../guest-bootstrap/machine/real-peek.ts'
import { ProgramError, type Finished, type RunOptions, type System } from '../../guest-bootstrap/system.ts'

export const INSTANCE = '5b2d1f3e-0000-4000-8000-0000000000aa'
export const TOKEN = 'abcdef.0123456789abcdef'

export interface Machine {
  readonly system: System
  readonly root: string
  /** Every program that ran, as one line. */
  readonly ran: { line: string; options: RunOptions | undefined }[]
  readonly clock: { now: number; uptime: number; slept: number[] }
  put(path: string, text: string, mode?: number): void
  get(path: string): string
}

/** What a program says; undefined: it is not there. */
export type Programs = (program: string, args: readonly string[], options?: RunOptions) => Partial<Finished> | undefined | Promise<Partial<Finished>>

export interface MachineOptions {
  readonly programs?: Programs
  readonly changed?: Partial<System>
  /** Of guest.json. */
  readonly urls?: readonly string[]
  readonly ca?: string
}

/** A guest in a scratch folder: real files, a clock that stands still until somebody sleeps, and programs that say what the test wants. */
export function machine(t: Test, { programs = () => ({}), changed = {}, urls = ['https://127.0.0.1:1'], ca = 'no CA\n' }: MachineOptions = {}): Machine {
  const root = mkdtempSync(join(tmpdir(), 'guest-'))
  t.teardown(() => rmSync(root, { recursive: true, force: true }))
  const clock = { now: Date.now(), uptime: 10, slept: [] as number[] }
  const ran: Machine['ran'] = []
  const run: System['run'] = async (program, args, options) => {
    ran.push({ line: [program, ...args].join(' '), options })
    if (program === 'sync') return { code: 0, stdout: '', stderr: '' }
    const said = await programs(program, args, options)
    if (said === undefined) throw new ProgramError(`${program} cannot be started: ENOENT`)
    return { code: 0, stdout: '', stderr: '', ...said }
  }
  const put = (path: string, text: string, mode = 0o644): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
    chmodSync(join(root, path), mode)
  }
  put('/etc/passwd', `root:x:0:0::/root:/bin/sh\ntrove:x:${process.getuid!()}:${process.getgid!()}::/var/lib/trove:/bin/sh\n`)
  put(GUEST.config, JSON.stringify({ format: 1, urls, token: TOKEN, agent: { user: 'trove' } }), 0o600)
  put(GUEST.ca, ca)
  const system: System = {
    files: realFiles(root, run),
    clock: {
      now: () => clock.now,
      uptime: () => clock.uptime,
      async sleep(seconds) {
        clock.slept.push(seconds)
        if (clock.slept.length > 200) throw new Error('the guest goes round in circles')
        clock.uptime += seconds
        clock.now += seconds * 1000
      },
    },
    run,
    addresses: () => [{ name: 'eth0', address: '10.0.2.15' }],
    http: realHttp,
    peek: realPeek,
    amqp: () => Promise.reject(new Error('this machine has no RabbitMQ')),
    ...changed,
  }
  return { system, root, ran, clock, put, get: (path) => readFileSync(join(root, path), 'utf8') }
}
