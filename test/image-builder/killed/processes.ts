import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'

export interface Child {
  readonly pid: number
  /** Also while it is still being started by prlimit and setpriv. */
  readonly tool: string
}

/** Processes that a process of ours has started itself. */
export function childrenOf(pid: number): Child[] {
  return words(`/proc/${pid}/task/${pid}/children`, ' ').flatMap((child) => {
    const tool = toolIn(words(`/proc/${child}/cmdline`, '\0'))
    return tool === undefined ? [] : [{ pid: Number(child), tool }]
  })
}

/** It comes behind those that start it, and their options. A process that is still a copy of Node, called by its path, is none yet. */
function toolIn(args: readonly string[]): string | undefined {
  return args[0]?.startsWith('/') ? undefined : args.find((arg) => !/^(-|KILL$|prlimit$|setpriv$)/.test(arg))
}

/** All that run in a folder or below it, also when it is not there any more. */
export function processesIn(folder: string): number[] {
  return readdirSync('/proc').map(Number).filter((pid) => pid > 0 && inside(folder, pid))
}

function inside(folder: string, pid: number): boolean {
  try {
    const place = readlinkSync(`/proc/${pid}/cwd`)
    return place === folder || place.startsWith(`${folder}/`)
  } catch {
    return false // ended just now, or somebody else's
  }
}

function words(file: string, separator: string): string[] {
  try {
    return readFileSync(file, 'utf8').split(separator).filter((word) => word !== '')
  } catch {
    return [] // ended just now
  }
}

/** @returns whether the condition came true in time */
export async function comesTrue(condition: () => boolean, milliseconds: number): Promise<boolean> {
  for (const end = performance.now() + milliseconds; !condition(); await setTimeout(5)) if (performance.now() > end) return false
  return true
}
