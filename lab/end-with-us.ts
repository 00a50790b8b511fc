import { mkdirSync, readFileSync, rmSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cacheRoot } from './cache.ts'
import { processIdentity } from './process-identity.ts'
import type { ProcessIdentity } from './process-identity.ts'

/*
 * Three nets under each process that the lab starts. Its group is killed when Node exits or a signal ends it (here);
 * the kernel kills it when Node is killed with -9 (pdeathsig, daemon.ts); and what such a process had left behind
 * in its group is found by its note at the next start (stopLeftovers).
 */

interface Note {
  readonly process: ProcessIdentity
  readonly owner: ProcessIdentity
}

const groups = new Map<number, string>()
let watching = false

/** @param pid leader of a process group. @returns call it when the process is gone */
export function endWithUs(pid: number): () => void {
  watch()
  stopLeftovers()
  const identity = processIdentity(pid)
  const owner = processIdentity(process.pid)
  const file = join(notes(), `${pid}.json`)
  if (identity && owner) writeFileSync(file, JSON.stringify({ process: identity, owner } satisfies Note))
  groups.set(pid, file)
  return () => {
    groups.delete(pid)
    rmSync(file, { force: true })
  }
}

/** Ends what runs of a lab no longer running never stopped. A number that a stranger has by now is left alone. */
export function stopLeftovers(): void {
  for (const name of readdirSync(notes())) {
    const file = join(notes(), name)
    const note = readNote(file)
    if (note && alive(note.owner)) continue
    // the group outlives its leader: only the leader's number can be a stranger's
    if (note && (alive(note.process) || processIdentity(note.process.pid) === undefined)) killGroup(note.process.pid)
    rmSync(file, { force: true })
  }
}

function alive(identity: ProcessIdentity): boolean {
  const now = processIdentity(identity.pid)
  return now !== undefined && now.started === identity.started && now.boot === identity.boot
}

function watch(): void {
  if (watching) return
  watching = true
  process.on('exit', killAll)
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      // whoever listens too ends the process in their own time, and takes down in order
      if (process.listenerCount(signal) > 0) return
      killAll()
      process.kill(process.pid, signal)
    })
  }
}

function killAll(): void {
  for (const [pid, file] of groups) {
    killGroup(pid)
    rmSync(file, { force: true })
  }
  groups.clear()
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // gone already
  }
}

function readNote(file: string): Note | undefined {
  try {
    const note = JSON.parse(readFileSync(file, 'utf8')) as Partial<Note>
    return note.process && note.owner ? (note as Note) : undefined
  } catch {
    return undefined
  }
}

function notes(): string {
  const folder = join(cacheRoot(), 'running')
  mkdirSync(folder, { recursive: true })
  return folder
}
