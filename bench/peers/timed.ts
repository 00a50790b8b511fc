import { spawn } from 'node:child_process'
import { once } from 'node:events'

const LONGEST_MS = 120_000

/** Runs a program to its end. @returns seconds @throws with its last words, when it ends badly */
export async function timed(program: string, args: readonly string[]): Promise<number> {
  const began = performance.now()
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'], timeout: LONGEST_MS, killSignal: 'SIGKILL' })
  let said = ''
  child.stderr.on('data', (text: Buffer) => (said = `${said}${text}`.slice(-2000)))
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null]
  const took = (performance.now() - began) / 1000
  if (code === 0) return took
  throw new Error(`${program} ${args.at(-1)} ended with ${signal ?? `exit status ${code}`}: ${said.trim()}`)
}
