import { execFile } from 'node:child_process'
import { typed, type Command } from './command.ts'

/** Milliseconds. firewalld's reload takes seconds where there are many zones. */
const LONGEST = 60_000
const MOST_BYTES = 32 * 1024 * 1024

/** What a program printed. @throws CommandError when it is not there, cannot be run, takes too long, or ends badly */
export type Run = (command: Command) => Promise<string>

export class CommandError extends Error {
  override readonly name = 'CommandError'
  /** ENOENT where there is no such program; the exit code where it had one. */
  readonly code: string | number | undefined

  constructor(command: Command, said: string, code: string | number | undefined) {
    super(`${typed({ program: command.program, args: command.args })}: ${said}`)
    this.code = code
  }
}

/** In the C locale, so that what is read of its answer is always in the same words. */
export const runCommand: Run = (command) =>
  new Promise((resolve, reject) => {
    const child = execFile(command.program, command.args, { timeout: LONGEST, killSignal: 'SIGKILL', maxBuffer: MOST_BYTES, env: { ...process.env, LC_ALL: 'C' } }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout)
      else reject(new CommandError(command, firstLine(stderr) || firstLine(stdout) || error.message, error.code ?? undefined))
    })
    // A program that ends without reading all of it says why by itself.
    child.stdin?.on('error', () => {})
    child.stdin?.end(command.input ?? '')
  })

function firstLine(text: string): string {
  return text.trim().split('\n')[0]!
}
