import { readFileSync } from 'node:fs'

/** Of /proc, the kernel's USER_HZ; 100 on every architecture that Linux has for guests. */
const TICKS = 100

/** Seconds of CPU time that a process and its children have used so far; all of them still run. */
export function cpuSeconds(pid: number): number {
  // The name in brackets may hold anything, also blanks.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ')
  const own = (Number(fields[11]) + Number(fields[12])) / TICKS
  return childrenOf(pid).reduce((sum, child) => sum + cpuSeconds(child), own)
}

/** Bytes that were resident at the most since it started. */
export function peakMemory(pid: number): number {
  return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) * 1024
}

function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').flatMap((text) => (text === '' ? [] : [Number(text)]))
}
