import { GUEST } from '../../contract/paths.ts'
import type { Change } from '../change.ts'
import { ImageRefusal } from '../refusal.ts'
import type { Tree } from '../tree.ts'
import type { BuildRecord } from './build-record.ts'
import { relabel } from './plan-daemon.ts'
import { readRecord } from './read-record.ts'
import { usesSelinux } from './survey.ts'
import { undo } from './undo.ts'

/**
 * Takes everything of ours out of an image; what was there before is restored.
 * @throws ImageRefusal when nothing of ours is in it
 */
export async function planStrip(tree: Tree): Promise<{ changes: readonly Change[]; warnings: readonly string[]; record: BuildRecord }> {
  const record = await readRecord(tree)
  if (!record) throw new ImageRefusal(`the image has nothing of ours in it: there is no ${GUEST.buildRecord}`)
  const { changes, warnings } = await undo(tree, record)
  // Files that come back are new ones and have no SELinux labels.
  const unlabelled = changes.some(({ kind }) => kind === 'file') && (await usesSelinux(tree))
  return { changes: unlabelled ? [...changes.filter(({ path }) => path !== relabel.path), relabel] : changes, warnings, record }
}
