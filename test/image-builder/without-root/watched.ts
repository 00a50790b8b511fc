import { spawnSync } from 'node:child_process'
import { chmodSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { scratch } from '../small-image.ts'

const ROOT = join(import.meta.dirname, '..', '..', '..')
const STAND_INS = join(import.meta.dirname, 'with-stand-ins.ts')

export interface Seen {
  readonly tool: string
  readonly itself: ReadonlyMap<string, string>
  readonly parent: ReadonlyMap<string, string>
  readonly network: string
}

/** Runs `trovestrap …` as root, with a program in front of each tool that tells who it is. */
export function watched(t: Test, folder: string, tools: readonly string[], ...argv: string[]): { status: number | null; said: string; seen: Seen[] } {
  const place = scratch(t.teardown.bind(t))
  chmodSync(place, 0o755) // the stand-ins run as everybody
  const command = ['--mount', '--propagation', 'private', process.execPath, STAND_INS, place, tools.join(), '--', join(ROOT, 'bin/trovestrap'), ...argv]
  const ran = spawnSync('unshare', command, { encoding: 'utf8', env: { PATH: process.env['PATH'], HOME: folder, TROVESTRAP_CACHE: process.env['TROVESTRAP_CACHE'], NODE_COMPILE_CACHE: join(folder, 'compile'), TMPDIR: folder } })
  const seen = readdirSync(join(place, 'seen')).map((name) => seenIn(readFileSync(join(place, 'seen', name), 'utf8')))
  return { status: ran.status, said: ran.stdout + ran.stderr, seen }
}

function seenIn(text: string): Seen {
  const [, tool, itself, parent, network] = /^tool (\S+)\n([^]*)parent\n([^]*)network\n([^]*)$/.exec(text)!
  const fields = (part: string) => new Map(part.trim().split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]))
  return { tool: tool!, itself: fields(itself!), parent: fields(parent!), network: network!.trim() }
}

/** All sets of capabilities in one. */
export const rightsOf = (fields: ReadonlyMap<string, string>) => ['CapInh', 'CapPrm', 'CapEff', 'CapAmb'].map((name) => BigInt(`0x${fields.get(name)}`)).reduce((all, one) => all | one)
/** User and group, each real, effective, saved and of the file system. */
export const idsOf = (fields: ReadonlyMap<string, string>) => [...new Set(['Uid', 'Gid'].flatMap((name) => fields.get(name)!.split(/\s+/)))]
