import { readFileSync } from 'node:fs'

/** A process as such: its number is given to others later, its start in this boot is not. */
export interface ProcessIdentity {
  readonly pid: number
  /** Clock ticks since boot, field 22 of /proc/PID/stat. */
  readonly started: number
  readonly boot: string
}

/** @returns undefined when there is no such process (or only its exit status is left) */
export function processIdentity(pid: number): ProcessIdentity | undefined {
  try {
    // the name in parentheses may hold anything, also spaces and parentheses
    const [state, ...fields] = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '').split(' ')
    if (state === 'Z' || state === 'X') return undefined
    return { pid, started: Number(fields[18]), boot: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim() }
  } catch {
    return undefined
  }
}
