import { execFile } from 'node:child_process'
import { LONGEST_LINE } from '../log-tail.ts'

const TIMEOUT_MS = 2500
const MOST_BYTES = 16 * 1024 * 1024

/**
 * The end of what systemd units have said, oldest first; empty where there is no journal, no such unit, or no right to read it.
 * @param most number of lines
 */
export function journalTail(units: readonly string[], most: number, signal?: AbortSignal): Promise<string[]> {
  const args = [...units.flatMap((unit) => ['-u', unit]), '-n', String(most), '-o', 'cat', '--no-pager', '-q']
  return new Promise((resolve) => {
    const options = { timeout: TIMEOUT_MS, killSignal: 'SIGKILL', maxBuffer: MOST_BYTES, ...(signal === undefined ? {} : { signal }) } as const
    execFile('journalctl', args, options, (error, stdout) => {
      resolve(error ? [] : stdout.split('\n').filter((line) => line !== '').map((line) => line.slice(0, LONGEST_LINE)))
    })
  })
}
