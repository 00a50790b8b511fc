import { buildImage, planImage, type BuildChecks, type BuildWish } from '../build-image.ts'
import { changeDebugUser } from '../change-debug-user.ts'
import { checkImage } from '../check/check-image.ts'
import type { CheckFacts, TokenState } from '../check/finding.ts'
import { diffTrees, type Difference } from '../diff/diff-trees.ts'
import { inspectImage } from '../inspect-image.ts'
import type { Making } from '../make-image.ts'
import { openForReading, type ReadingOptions } from '../open-image.ts'
import type { Payload } from '../payload.ts'
import type { DebugChange } from '../plan/plan-debug-change.ts'
import type { UnitTexts } from '../plan/unit-texts.ts'
import { stripImage } from '../strip-image.ts'
import type { Architecture, Prebake, Progress, Wish } from '../wish.ts'

/** What a job asks of whoever has the rights: it lies where the job itself may not look, or takes its time. */
export interface Asked {
  bundle?(): Promise<Wish['bundle']>
  prebake?(): Promise<Prebake>
  payload?(architecture: Architecture): Promise<Payload>
  units?(): Promise<UnitTexts>
  tokenState?(id: string): Promise<TokenState>
}

export interface Hands {
  readonly asked: Asked
  readonly progress: Progress
  readonly signal: AbortSignal | undefined
}

type Facts = Omit<CheckFacts, 'space' | 'now' | 'tokenState'>

/** What can be asked of. */
export interface Inputs {
  build: { readonly wish: PlainWish; readonly checks?: Omit<BuildChecks, 'facts'> & { readonly facts: Facts } }
  plan: { readonly wish: PlainWish }
  strip: { readonly making: Making }
  'debug-user': { readonly making: Making; readonly change: DebugChange }
  inspect: { readonly image: string; readonly options: ReadingOptions }
  check: { readonly image: string; readonly options: ReadingOptions; readonly facts: Facts }
  diff: { readonly before: Opening; readonly after: Opening }
}

export type PlainWish = Omit<BuildWish, 'bundle' | 'prebake' | 'made'>
export interface Opening {
  readonly image: string
  readonly options: ReadingOptions
}

/** All that is done with images, each with plain data in and out, so that it can be done in another process. */
export const JOBS = {
  build: ({ wish, checks }: Inputs['build'], { asked, progress, signal }: Hands) =>
    buildImage(wholeWish(wish, asked), progress, signal, checks && { ...checks, facts: withTokens(checks.facts, asked) }),
  plan: ({ wish }: Inputs['plan'], { asked, progress, signal }: Hands) => planImage(wholeWish(wish, asked), progress, signal),
  strip: ({ making }: Inputs['strip'], { progress, signal }: Hands) => stripImage(making, progress, signal),
  'debug-user': ({ making, change }: Inputs['debug-user'], { progress, signal }: Hands) => changeDebugUser(making, change, progress, signal),
  inspect: ({ image, options }: Inputs['inspect'], { signal }: Hands) => inspectImage(image, { ...options, signal }),
  async check({ image, options, facts }: Inputs['check'], { asked, signal }: Hands) {
    await using opened = await openForReading(image, { ...options, signal })
    return await checkImage(opened.tree, { ...withTokens(facts, asked), space: opened.space, now: new Date() })
  },
  async diff({ before, after }: Inputs['diff'], { progress, signal }: Hands) {
    await using one = await openForReading(before.image, { ...before.options, signal })
    await using other = await openForReading(after.image, { ...after.options, signal })
    progress.begin('compare')
    const found: Difference[] = []
    let seen = 0
    for await (const difference of diffTrees(one.tree, other.tree, (paths) => (seen = paths) % 500 === 0 && progress.update(`${paths} paths`))) {
      signal?.throwIfAborted()
      found.push(difference)
    }
    progress.done(`${seen} paths, ${found.length} differ`)
    return found
  },
}

export type Job = keyof typeof JOBS
export type Result<J extends Job> = Awaited<ReturnType<(typeof JOBS)[J]>>

function wholeWish(wish: PlainWish, { bundle, prebake, payload, units }: Asked): BuildWish {
  return { ...wish, bundle: bundle!(), made: { payload: payload!, units: units!() }, ...(prebake ? { prebake: prebake() } : {}) }
}

function withTokens(facts: Facts, { tokenState }: Asked): Omit<CheckFacts, 'space' | 'now'> {
  return { ...facts, ...(tokenState ? { tokenState } : {}) }
}
