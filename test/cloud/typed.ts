import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'

/** What came of a command. */
export interface Typed {
  readonly status: number | string
  readonly stdout: string
  /** Progress, and what went wrong. */
  readonly stderr: string
}

export interface Typist {
  (words: readonly string[]): Promise<Typed>
  /** Of one that has to end well. @returns stdout @throws with all that it said */
  well(words: readonly string[]): Promise<string>
}

/** Types commands as a person would, by their names, without a terminal. */
export function typist(env: NodeJS.ProcessEnv, cwd: string): Typist {
  const type = async ([program, ...args]: readonly string[]): Promise<Typed> => {
    const child = spawn(program!, args, { env, cwd, stdio: ['ignore', 'pipe', 'pipe'] })
    const [stdout, stderr, [code, signal]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
    return { status: code ?? signal, stdout, stderr }
  }
  return Object.assign(type, {
    async well(words: readonly string[]) {
      const { status, stdout, stderr } = await type(words)
      if (status !== 0) throw new Error(`${words.join(' ')} ended with ${status}:\n${stdout}${stderr}`)
      return stdout
    },
  })
}
