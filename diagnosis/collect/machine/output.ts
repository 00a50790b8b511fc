import { execFile } from 'node:child_process'

const TIMEOUT_MS = 1500
const MOST_BYTES = 8 * 1024 * 1024

export type Run = (program: string, args: readonly string[], signal: AbortSignal) => Promise<string>

/** What a program says within 1.5 s. @throws Error with the first line of its complaint, and `code` (`ENOENT` where there is no such program) */
export const output: Run = (program, args, signal) =>
  new Promise((resolve, reject) => {
    execFile(program, args, { timeout: TIMEOUT_MS, killSignal: 'SIGKILL', maxBuffer: MOST_BYTES, signal }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout)
      else reject(Object.assign(new Error(stderr.trim().split('\n')[0] || error.message), { code: error.code }))
    })
  })
