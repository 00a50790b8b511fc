import { readdirSync, readFileSync } from 'node:fs'

/** Milliseconds between two looks: a pip lives for hundreds. */
const OFTEN = 5

/** What everybody on the machine can read of a process (its arguments), and what its user can (its environment). */
export function linesOf(pid: number | string): string {
  try {
    return ['cmdline', 'environ'].map((name) => readFileSync(`/proc/${pid}/${name}`, 'latin1').replaceAll('\0', ' ')).join('\n')
  } catch {
    // It has ended meanwhile.
    return ''
  }
}

/** Looks at all that this process starts, and they start, until told to stop. @returns what was seen, each once */
export function watchStarted(): { stop(): string[] } {
  const seen = new Set<string>()
  const look = (): void => {
    for (const pid of startedBy(process.pid)) seen.add(linesOf(pid))
  }
  const timer = setInterval(look, OFTEN)
  return {
    stop() {
      clearInterval(timer)
      return [...seen].filter((lines) => lines.trim() !== '')
    },
  }
}

function startedBy(pid: number | string): string[] {
  try {
    const own = readdirSync(`/proc/${pid}/task`).flatMap((task) => readFileSync(`/proc/${pid}/task/${task}/children`, 'latin1').split(' ').filter((child) => child !== ''))
    return [...own, ...own.flatMap(startedBy)]
  } catch {
    return []
  }
}
