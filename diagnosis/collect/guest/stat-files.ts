import type { GuestSeen } from '../../evidence.ts'
import { WATCHED_FILES } from './ask-as-root.ts'

type FileStat = GuestSeen['files'][number]

/** Reads stat(1) of the watched files, `MODE|OWNER:GROUP|SIZE|SECONDS|PATH`; one that could not be looked at is left out: it may be there. */
export function filesSeen(text: string | undefined): FileStat[] {
  const seen = new Map<string, FileStat>()
  for (const line of (text ?? '').split('\n')) {
    const [, missing] = /^stat: .*?'(\/[^']*)': (?:No such file|Not a directory)/.exec(line) ?? []
    if (missing !== undefined) seen.set(missing, { path: missing, exists: false })
    const [, mode, owner, size, changed, path] = /^([0-7]{1,5})\|([^|]{1,100})\|(\d{1,15})\|(\d{1,11})\|(\/.*)$/.exec(line) ?? []
    if (path !== undefined) seen.set(path, { path, exists: true, mode: mode!, owner: owner!, size: Number(size), changed: new Date(Number(changed) * 1000).toISOString() })
  }
  return WATCHED_FILES.flatMap((path) => seen.get(path) ?? [])
}
