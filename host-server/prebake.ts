import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { zstdDecompress } from 'node:zlib'
import { layTree, type Laid } from './prebake/lay-tree.ts'
import { layWheels } from './prebake/lay-wheels.ts'
import type { Settings } from './settings.ts'
import { takeSnapshot } from './snapshot.ts'
import { readWheelIndex } from './wheels/read-index.ts'

export interface Prebaked {
  readonly revision: string
  /** For people: where the tree comes from. */
  readonly description: string
  /** What has to be in an image; folders before what lies in them. */
  readonly changes: readonly Laid[]
}

/**
 * Source tree and wheels as a guest has them after it fetched them from this host.
 * A snapshot of its own is taken in a folder of its own, so a host that serves from the same state is not touched.
 *
 * @throws SnapshotError, WheelsError one clear line
 */
export async function prebake({ source, python }: Pick<Settings, 'source' | 'python'>, signal?: AbortSignal): Promise<Prebaked> {
  const folder = await mkdtemp(join(tmpdir(), 'trovestrap-prebake-'))
  try {
    const { manifest, pack } = await takeSnapshot(source, python, folder, signal ? { signal } : {})
    const contents = await promisify(zstdDecompress)(await readFile(pack))
    const wheels = await readWheelIndex(python.wheels)
    return { revision: manifest.revision, description: manifest.source.description, changes: [...layTree(manifest, contents), ...layWheels(wheels)] }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
