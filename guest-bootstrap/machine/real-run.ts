import { execFile } from 'node:child_process'
import { ProgramError, type Finished, type RunOptions } from '../system.ts'

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** No shell, no stdin, a fixed environment: what a program sees does not depend on who started the daemon. */
export function realRun(program: string, args: readonly string[], { env = {}, timeout = 60, signal }: RunOptions = {}): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const options = {
      env: { PATH, LANG: 'C.UTF-8', HOME: '/root', ...env },
      timeout: timeout * 1000,
      killSignal: 'SIGKILL' as const,
      maxBuffer: 16 * 1024 * 1024,
      ...(signal === undefined ? {} : { signal }),
    }
    const child = execFile(program, [...args], options, (error, stdout, stderr) => {
      const failure = error as NodeJS.ErrnoException | null
      if (failure && typeof failure.code === 'string' && failure.syscall?.startsWith('spawn')) {
        return reject(new ProgramError(`${program} cannot be started: ${failure.code}`, { cause: error }))
      }
      resolve({ code: child.exitCode ?? undefined, stdout, stderr })
    })
    child.stdin?.end()
  })
}
