import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as others } from 'node:timers/promises'
import ignore from 'ignore'
import { isSafePath } from '../../contract/manifest.ts'
import type { SourceSettings } from '../settings.ts'
import { git, isWorkTree } from './git.ts'
import { SnapshotError } from './snapshot-error.ts'

const MOST_ENTRIES = 200_000
/** Folders between two turns of the event loop. */
const TURN = 50

/**
 * What of a tree is handed out, as paths below its root, sorted bytewise. Folders are not in it.
 * In a git work tree that is what git tracks or would track; elsewhere all there is. `.git` never is.
 * A path that git still tracks may be gone from the disk.
 */
export async function listTree(root: string, source: SourceSettings, signal?: AbortSignal): Promise<string[]> {
  const left = leaveOut(source.exclude)
  const byGit = !source.git_ignored && (await isWorkTree(root))
  const names = byGit ? (await listByGit(root, signal)).filter((path) => !left(path)) : await walk(root, left, signal)
  if (names.length > MOST_ENTRIES) {
    throw new SnapshotError('refused', `expected at most ${MOST_ENTRIES} files in source.path ${root}, got ${names.length}; is it the folder of a Trove checkout?`)
  }
  const unsafe = names.find((path) => !isSafePath(path))
  if (unsafe !== undefined) {
    throw new SnapshotError('refused', `the name ${JSON.stringify(unsafe)} cannot be handed out (a backslash, or a part over 255 bytes); rename it or add it to source.exclude`)
  }
  return sorted(names)
}

/** Two untracked or conflicting stages of one file are one path; a trailing slash is a repository inside (a submodule). */
async function listByGit(root: string, signal?: AbortSignal): Promise<string[]> {
  const out = await git(root, ['ls-files', '-z', '-co', '--exclude-standard'], signal)
  const names: string[] = []
  for (let start = 0, end; (end = out.indexOf(0, start)) >= 0; start = end + 1) names.push(decode(out.subarray(start, end), root))
  return [...new Set(names)].filter((path) => !path.endsWith('/'))
}

async function walk(root: string, left: LeaveOut, signal?: AbortSignal): Promise<string[]> {
  const names: string[] = []
  const folders = ['']
  for (let folder, turn = 0; (folder = folders.pop()) !== undefined; turn++) {
    // Asynchronous calls would take several times as long in all; a turn of the event loop now and then does.
    if (turn % TURN === 0) await others()
    signal?.throwIfAborted()
    for (const found of list(join(root, folder))) {
      const path = folder + decode(found.name, root)
      if (left(found.isDirectory() ? `${path}/` : path)) continue
      if (found.isDirectory()) folders.push(`${path}/`)
      else names.push(path)
      if (names.length > MOST_ENTRIES) return names
    }
  }
  return names
}

function list(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true, encoding: 'buffer' })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [] // gone meanwhile: the second listing tells
    throw new SnapshotError('missing', `${folder} cannot be read (${(error as NodeJS.ErrnoException).code}); let the user of host-server read it, or add it to source.exclude`, { cause: error })
  }
}

type LeaveOut = (path: string) => boolean

function leaveOut(exclude: readonly string[]): LeaveOut {
  // Case counts on the guest's file system as on ours.
  const patterns = ignore({ ignorecase: false }).add([...exclude])
  return (path) => /(^|\/)\.git(\/|$)/.test(path) || patterns.ignores(path)
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function decode(name: Buffer, root: string): string {
  try {
    return utf8.decode(name)
  } catch (error) {
    const shown = name.toString('latin1').replace(/[^\x20-\x7e]/g, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`)
    throw new SnapshotError('refused', `the name "${shown}" in ${root} is not UTF-8, as a manifest's names are; rename or remove it`, { cause: error })
  }
}

/** By bytes, not by the locale: a revision is the same on every machine. */
function sorted(names: string[]): string[] {
  return names
    .map((path) => ({ path, bytes: Buffer.from(path) }))
    .sort((a, b) => Buffer.compare(a.bytes, b.bytes))
    .map(({ path }) => path)
}
