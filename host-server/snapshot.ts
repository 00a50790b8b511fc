import { access, realpath } from 'node:fs/promises'
import { setTimeout as wait } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { revisionOf, type Manifest } from '../contract/manifest.ts'
import type { PythonSettings, SourceSettings } from './settings.ts'
import { describeSource } from './snapshot/describe-source.ts'
import { listTree } from './snapshot/list-tree.ts'
import { look, sameLook, type Look } from './snapshot/look.ts'
import { PackDamaged } from './snapshot/pack-reader.ts'
import { prunePacks } from './snapshot/prune-packs.ts'
import { pythonNeeds } from './snapshot/python-needs.ts'
import { refuseLeavingLinks } from './snapshot/refuse-leaving-links.ts'
import { indexLock, lookAtRest, refuseLock } from './snapshot/settle.ts'
import { SnapshotError, TreeChanged } from './snapshot/snapshot-error.ts'
import { TreeFiles } from './snapshot/tree-files.ts'
import { writePack, type Before, type Pack } from './snapshot/write-pack.ts'

export { SnapshotError } from './snapshot/snapshot-error.ts'

/** A tree at one moment. `pack` is a file named by its digest. */
export interface Snapshot {
  readonly manifest: Manifest
  readonly pack: string
}

export interface SnapshotOptions {
  readonly signal?: AbortSignal
  /** Given back, the very same object, when nothing differs from it but the time. */
  readonly previous?: Snapshot
  /** Milliseconds for a changing tree to come to rest; default 15 s. */
  readonly patience?: number
  /** Milliseconds without a change after which the tree counts as at rest; see settle.ts. */
  readonly quiet?: number
}

/**
 * Takes a snapshot of a Trove tree: a git work tree or any folder with a `trove/` package.
 * @param content folder for the packs; old ones in it are removed
 * @throws SnapshotError one clear line; nothing in `content` that was there is harmed, so `previous` can still be served
 */
export async function takeSnapshot(source: SourceSettings, python: PythonSettings, content: string, options: SnapshotOptions = {}): Promise<Snapshot> {
  const deadline = performance.now() + (options.patience ?? 15_000)
  for (let pause = 20; ; pause = Math.min(pause * 2, 500)) {
    try {
      return await attempt(source, python, content, options)
    } catch (error) {
      options.signal?.throwIfAborted()
      if (!(error instanceof TreeChanged)) throw error
      if (performance.now() + pause > deadline) {
        throw new SnapshotError('unstable', `source.path ${source.path} did not stand still long enough to be read (${error.message}); wait until nothing writes to it`, { cause: error })
      }
      await wait(pause, undefined, options.signal ? { signal: options.signal } : {})
    }
  }
}

/** What a snapshot was made from: while the tree looks the same, its files need not be read again. */
const made = new WeakMap<Snapshot, { readonly before: Look; readonly files: TreeFiles; readonly pack: Pack }>()

/** Looks, reads, looks again. Equal looks mean that every file was, at the moment between, as it was read. */
async function attempt(source: SourceSettings, python: PythonSettings, content: string, { signal, previous, quiet }: SnapshotOptions): Promise<Snapshot> {
  const root = await rootOf(source)
  const before = await lookAtRest(root, source, { ...(signal ? { signal } : {}), ...(quiet === undefined ? {} : { quiet }) })
  refuseForeignTree(before.seen, root)
  refuseLeavingLinks(before.seen)
  const known = previous && (await stillThere(previous)) ? made.get(previous) : undefined
  const { files, pack } = known && sameLook(known.before, before) ? known : await readTree(root, before, content, { ...(signal ? { signal } : {}), before: known && { look: known.before, pack: known.pack } })
  const words = await describeSource(root, source, files, signal)
  const needs = await pythonNeeds(files, python)
  const after = await look(root, await listTree(root, source, signal), signal)
  await refuseLock(await indexLock(root, signal))
  if (!sameLook(before, after)) throw new TreeChanged('it changed while it was read')

  const manifest: Manifest = {
    format: 1,
    revision: revisionOf(pack.entries),
    created: new Date().toISOString(),
    source: words,
    entries: pack.entries,
    pack: { size: pack.size, zstd: pack.encoded },
    python: needs,
  }
  const taken = { manifest, pack: pack.file }
  const result = previous && isDeepStrictEqual({ ...manifest, created: '' }, { ...previous.manifest, created: '' }) ? previous : taken
  made.set(result, { before, files, pack })
  await prunePacks(content, [taken.pack, ...(previous ? [previous.pack] : [])])
  return result
}

async function readTree(root: string, { seen }: Look, content: string, options: { signal?: AbortSignal; before?: Before | undefined }) {
  const files = new TreeFiles()
  try {
    return { files, pack: await writePack(root, seen, content, files.keep, options) }
  } catch (error) {
    if (!(error instanceof PackDamaged)) throw error
    const anew = new TreeFiles()
    return { files: anew, pack: await writePack(root, seen, content, anew.keep, { ...options, before: undefined }) }
  }
}

async function stillThere({ pack }: Snapshot): Promise<boolean> {
  return access(pack).then(
    () => true,
    () => false,
  )
}

async function rootOf({ path }: SourceSettings): Promise<string> {
  try {
    return await realpath(path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new SnapshotError('missing', `expected a Trove checkout at source.path ${path}, got ${code === 'ENOENT' ? 'nothing there' : code}`, { cause: error })
  }
}

function refuseForeignTree(seen: readonly { readonly path: string }[], root: string): void {
  if (seen.length === 0) throw new SnapshotError('not-trove', `expected a Trove checkout at source.path ${root}, got no file at all`)
  if (seen.some((one) => one.path === 'trove/__init__.py')) return
  const inner = seen.find((one) => one.path.endsWith('/trove/__init__.py'))?.path.replace('/trove/__init__.py', '')
  throw new SnapshotError('not-trove', `expected a folder with the package trove/ at source.path ${root}, got one without trove/__init__.py` + (inner === undefined ? '' : `; did you mean ${root}/${inner}?`))
}
