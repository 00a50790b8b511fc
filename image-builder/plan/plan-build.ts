import { X509Certificate } from 'node:crypto'
import { parseCredential } from '../../contract/credential.ts'
import { GUEST } from '../../contract/paths.ts'
import type { Change } from '../change.ts'
import type { Payload } from '../payload.ts'
import type { Tree } from '../tree.ts'
import type { Wish } from '../wish.ts'
import { accountEdits, addedAccounts } from './account-edits.ts'
import { BuildRecord } from './build-record.ts'
import { compose } from './compose.ts'
import { buildId, contentDigest } from './content-digest.ts'
import { overlayTree } from './overlay-tree.ts'
import { planDaemon } from './plan-daemon.ts'
import { planDebugUser } from './plan-debug-user.ts'
import { putIn } from './put-in.ts'
import { readRecord } from './read-record.ts'
import { surveyImage, type Survey } from './survey.ts'
import { settle } from './settle.ts'
import { planSysprep } from './sysprep.ts'
import { undo } from './undo.ts'
import type { UnitTexts } from './unit-texts.ts'

export interface Plan {
  /** In order, each path once; the build record is the last. */
  readonly changes: readonly Change[]
  /** One line each. */
  readonly warnings: readonly string[]
  /** Of the image without anything of ours. */
  readonly survey: Survey
  readonly record: BuildRecord
  /** See content-digest.ts. */
  readonly content: string
  /** The image had been built upon already; what an earlier build put in goes first. */
  readonly rebuilt: boolean
}

export interface PlanParts {
  readonly wish: Wish
  readonly payload: Payload
  readonly units: UnitTexts
  /** The image at hand; an image that was built upon already knows its own. */
  readonly base: { readonly name: string; readonly sha256: string }
  readonly now: Date
}

/**
 * Everything that will be done to an image, in order. It is planned on the image as it was without us, so building upon an own output comes to the same.
 * @throws ImageRefusal when the image cannot be built upon
 */
export async function planBuild(tree: Tree, { wish, payload, units, base, now }: PlanParts): Promise<Plan> {
  const earlier = await readRecord(tree)
  const undone = earlier ? await undo(tree, earlier) : { changes: [], warnings: [] }
  const without = overlayTree(tree, undone.changes)
  const cleared = wish.sysprep ? await planSysprep(without) : []
  const clean = overlayTree(without, cleared)
  const survey = await surveyImage(clean)
  const daemon = planDaemon(wish, survey, payload, units)
  const debug = planDebugUser(wish.debugUser, daemon.accounts, survey)
  const { changes, put, removed } = await putIn(clean, [
    { part: 'daemon', changes: daemon.changes },
    { part: 'prebake', changes: wish.prebake?.changes ?? [] },
    { part: 'debug', changes: debug.changes },
  ])
  const accounts = [...addedAccounts('daemon', survey.accounts, daemon.accounts), ...addedAccounts('debug', daemon.accounts, debug.accounts)]
  const content = contentDigest({ put: [...put], accounts, removed }, debug.accounts)
  const first = earlier?.base ?? base
  const record: BuildRecord = {
    format: 2,
    build: buildId(content, first.sha256),
    built: now.toISOString(),
    version: wish.version,
    base: first,
    os: survey.os,
    architecture: survey.architecture,
    node: { version: payload.version, sha256: payload.node.sha256 },
    bundle: { sha256: wish.bundle.sha256 },
    ...(wish.prebake ? { trove: { revision: wish.prebake.revision, description: wish.prebake.description } } : {}),
    urls: [...wish.urls],
    token: tokenId(wish),
    ca: new X509Certificate(wish.ca).fingerprint256,
    agent_user: wish.agentUser,
    ...(wish.debugUser ? { debug_user: wish.debugUser.name } : {}),
    content,
    put: [...put],
    accounts,
    removed: [...removed],
  }
  return {
    changes: await compose(tree, [undone.changes, cleared, changes, accountEdits(survey.accounts, debug.accounts), await settle(overlayTree(clean, changes), [recordFile(record)])]),
    warnings: [...undone.warnings, ...daemon.warnings, ...debug.warnings],
    survey,
    record,
    content,
    rebuilt: earlier !== undefined,
  }
}

/** Its fields in the order of the schema, so that the same record is the same file. */
export function recordFile(record: BuildRecord): Change {
  const fields = Object.keys(BuildRecord.properties).flatMap((key) => (key in record ? [[key, record[key as keyof BuildRecord]] as const] : []))
  const text = `${JSON.stringify(Object.fromEntries(fields), null, 2)}\n`
  return { kind: 'file', path: GUEST.buildRecord, mode: 0o644, uid: 0, gid: 0, content: { text }, note: 'what the builder did' }
}

/** The half of the token that is no secret. */
function tokenId({ token }: Wish): string {
  const parsed = token && parseCredential(token.reveal())
  return parsed?.kind === 'bootstrap' ? parsed.id : ''
}
