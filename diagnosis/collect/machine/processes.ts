import { readdirSync, readlinkSync } from 'node:fs'
import { basename } from 'node:path'
import { readIfThere } from './read-if-there.ts'

/** A process of this host, as far as this user may look at it. */
export interface Process {
  readonly pid: number
  readonly words: readonly string[]
  readonly name: string
}

/** Trove's own; each runs as itself, or inside a web server that names it. */
const SERVICES = ['trove-api', 'trove-taskmanager', 'trove-conductor'] as const

/** Those of this network namespace: what another one runs serves nobody here. */
export function processes(): Process[] {
  const own = networkOf('self')
  return numbersIn('/proc').flatMap((pid) => {
    const network = networkOf(pid)
    if (network !== undefined && own !== undefined && network !== own) return []
    const words = readIfThere(`/proc/${pid}/cmdline`)?.split('\0').filter((word) => word !== '')
    return words === undefined || words.length === 0 ? [] : [{ pid, words, name: nameOf(words) }]
  })
}

/** As people know it: of an interpreter the program that it runs. */
function nameOf([program = '', script = '-']: readonly string[]): string {
  return /^(?:python|node|perl|ruby)[\d.]*$/.test(basename(program)) && !script.startsWith('-') ? basename(script) : basename(program)
}

/** Which process has which of these services' programs: as a word of its own, or as the file that a web server is given (`trove-api-uwsgi.ini`). */
export function servicesOf(running: readonly Process[]): Record<string, number[]> {
  return Object.fromEntries(
    SERVICES.map((service) => {
      // Whoever reads its log or edits its configuration is not it.
      const runsIt = (words: readonly string[]): boolean => words.slice(0, 2).some((word) => basename(word) === service || word.startsWith(`(wsgi:${service}`))
      const servesIt = (words: readonly string[]): boolean => /uwsgi|gunicorn/.test(basename(words[0]!)) && words.some((word) => basename(word).replaceAll('_', '-').startsWith(service))
      return [service, running.filter(({ words }) => runsIt(words) || servesIt(words)).map(({ pid }) => pid)]
    }),
  )
}

/** Who listens on these ports: the kernel names a socket's inode, and a process' open files name it too. */
export function listenersOf(running: readonly Process[], ports: readonly number[]): Record<string, string> {
  const inodes = new Map<string, number>()
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const line of readIfThere(table)?.split('\n').slice(1) ?? []) {
      const fields = line.trim().split(/\s+/)
      const port = parseInt(fields[1]?.split(':')[1] ?? '', 16)
      if (fields[3] === '0A' && ports.includes(port) && fields[9] !== undefined) inodes.set(fields[9], port)
    }
  }
  const found: Record<string, string> = {}
  for (const { pid, name } of running) {
    for (const socket of socketsOf(pid)) {
      const port = inodes.get(socket)
      if (port !== undefined) found[port] ??= name
    }
  }
  return found
}

/** Undefined where this user may not know. */
function networkOf(pid: number | 'self'): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`)
  } catch {
    return undefined
  }
}

function socketsOf(pid: number): string[] {
  return numbersIn(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? []
    } catch {
      return []
    }
  })
}

function numbersIn(folder: string): number[] {
  try {
    return readdirSync(folder).filter((name) => /^\d+$/.test(name)).map(Number)
  } catch {
    return []
  }
}
