import { GUEST } from '../../contract/paths.ts'
import type { Change } from '../change.ts'
import { ImageRefusal } from '../refusal.ts'
import type { Tree } from '../tree.ts'
import type { DebugUser } from '../wish.ts'
import { accountEdits, addedAccounts } from './account-edits.ts'
import { findUser, setPassword, type AccountFiles } from './accounts.ts'
import type { BuildRecord, Put } from './build-record.ts'
import { compose } from './compose.ts'
import { buildId, contentDigest } from './content-digest.ts'
import { overlayTree } from './overlay-tree.ts'
import { recordFile, type Plan } from './plan-build.ts'
import { debugUserFiles, NO_PASSWORD, planDebugUser } from './plan-debug-user.ts'
import { relabel } from './plan-daemon.ts'
import { putIn } from './put-in.ts'
import { readRecord } from './read-record.ts'
import { settle } from './settle.ts'
import { surveyImage, type Survey } from './survey.ts'
import { undo } from './undo.ts'

export type DebugChange = { readonly kind: 'set'; readonly user: DebugUser } | { readonly kind: 'remove' }

/**
 * Adds, re-keys or removes the debug user of an image that was built, and nothing else. The one who is there already gets the new keys and password
 * and keeps the home; another one goes first.
 * @throws ImageRefusal when nothing of ours is in the image, there is nobody to remove, or the user cannot be
 */
export async function planDebugChange(tree: Tree, change: DebugChange, now: Date): Promise<Plan> {
  const earlier = await readRecord(tree)
  if (!earlier) throw new ImageRefusal(`the image has nothing of ours in it: there is no ${GUEST.buildRecord}`)
  if (change.kind === 'remove' && earlier.debug_user === undefined) throw new ImageRefusal('the image has no debug user')
  const user = change.kind === 'set' ? change.user : undefined
  const keepDebugUser = user !== undefined && user.name === earlier.debug_user
  const undone = await undo(tree, earlier, { part: 'debug', keepDebugUser })
  const without = overlayTree(tree, undone.changes)
  const survey = await surveyImage(without)
  const debug = keepDebugUser ? rekey(user, survey) : planDebugUser(user, survey.accounts, survey)
  const entered = await putIn(without, [{ part: 'debug', changes: debug.changes }])
  const accounts = [...earlier.accounts.filter((one) => keepDebugUser || one.part !== 'debug'), ...addedAccounts('debug', survey.accounts, debug.accounts)]
  const record = updated(earlier, { put: mergedPut(earlier, entered.put, keepDebugUser), accounts, debug_user: user?.name, built: now.toISOString() }, debug.accounts)
  const labels = survey.has.selinux ? [relabel] : []
  return {
    changes: await compose(tree, [undone.changes, entered.changes, accountEdits(survey.accounts, debug.accounts), labels, await settle(without, [recordFile(record)])]),
    warnings: [...undone.warnings, ...debug.warnings],
    survey,
    record,
    content: record.content,
    rebuilt: true,
  }
}

function rekey(user: DebugUser, survey: Survey): { accounts: AccountFiles; changes: readonly Change[]; warnings: readonly string[] } {
  const own = findUser(survey.accounts, user.name)
  if (!own) throw new ImageRefusal(`the record says that the image has the debug user ${user.name}, /etc/passwd has none; remove the debug user and add one`)
  return { accounts: setPassword(survey.accounts, user.name, user.passwordHash ?? NO_PASSWORD), ...debugUserFiles(user, own, survey) }
}

/** What was kept is still of the first time: what stood there then is what comes back. */
function mergedPut(earlier: BuildRecord, entered: readonly Put[], keepDebugUser: boolean): Put[] {
  const kept = new Map(earlier.put.filter(({ part, kind }) => part !== 'debug' || (keepDebugUser && kind === 'folder')).map((put) => [put.path, put]))
  for (const put of entered) if (put.part === 'debug' && !kept.has(put.path)) kept.set(put.path, put)
  return [...kept.values()].sort((one, other) => (one.path < other.path ? -1 : 1))
}

function updated(earlier: BuildRecord, news: Pick<BuildRecord, 'put' | 'accounts' | 'built'> & { debug_user: string | undefined }, files: AccountFiles): BuildRecord {
  const { debug_user: _, ...rest } = earlier
  const { debug_user, ...known } = news
  const record = { ...rest, ...known, ...(debug_user === undefined ? {} : { debug_user }) }
  const content = contentDigest(record, files)
  return { ...record, content, build: buildId(content, earlier.base.sha256) }
}
