import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

const TAIL_LINES = 20
const QUIET_MS = 15_000

/**
 * Runs a program and shows that it lives: on a terminal one line in place, with the seconds and what it says; elsewhere a line every 15 s.
 * Ctrl-C reaches the program itself, which then puts right what it has changed; we wait for that.
 *
 * @param {string} title
 * @param {string[]} command
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv }} [options]
 * @returns {Promise<void>} rejects with the program's last lines when it fails
 */
export async function watchedRun(title, command, options = {}) {
  const began = Date.now()
  const seconds = () => `${Math.round((Date.now() - began) / 1000)} s`
  const terminal = process.stderr.isTTY
  /** @type {string[]} */
  const tail = []
  if (!terminal) process.stderr.write(`${title}\n`)
  const timer = setInterval(() => {
    const line = `… ${title} ${seconds()}  ${tail[tail.length - 1] ?? ''}`
    process.stderr.write(terminal ? `\r\x1b[2K${line.slice(0, (process.stderr.columns || 80) - 1)}` : `${line}\n`)
  }, terminal ? 250 : QUIET_MS)
  const interrupt = () => {}
  process.on('SIGINT', interrupt)

  const [program, ...args] = command
  const child = spawn(/** @type {string} */ (program), args, { ...options, stdio: ['inherit', 'pipe', 'pipe'] })
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      tail.push(line)
      if (tail.length > TAIL_LINES) tail.shift()
    })
  }
  const how = await new Promise((resolve) => {
    child.on('error', (error) => resolve(error.message))
    child.on('close', (code, signal) => resolve(code === 0 ? undefined : signal ?? `exit status ${code}`))
  })
  clearInterval(timer)
  process.off('SIGINT', interrupt)
  if (terminal) process.stderr.write('\r\x1b[2K')
  if (how !== undefined) throw new Error(`${title} failed (${how}):\n${tail.map((line) => `  ${line}`).join('\n')}`)
  process.stderr.write(`✔ ${title} ${seconds()}\n`)
}
