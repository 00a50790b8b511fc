// What can be done with images, as the command line does it. For root each of them is done by somebody without rights.
import type { BuildChecks, BuildResult, BuildWish, PlannedBuild } from '../build-image.ts'
import { checkOut, checkWish } from '../check-wish.ts'
import type { CheckFacts, Finding } from '../check/finding.ts'
import type { Difference } from '../diff/diff-trees.ts'
import type { Inspection } from '../inspect-image.ts'
import type { Making } from '../make-image.ts'
import type { ReadingOptions } from '../open-image.ts'
import { preparePayload } from '../payload.ts'
import type { DebugChange } from '../plan/plan-debug-change.ts'
import { readUnitTexts } from '../plan/unit-texts.ts'
import type { Stripped } from '../strip-image.ts'
import type { Progress, Prebake } from '../wish.ts'
import type { Asked, Opening } from './jobs.ts'
import { runJob } from './run-job.ts'

type Show = (path: string) => Promise<string>
export type Facts = Omit<CheckFacts, 'space' | 'now'>

/** As image-builder/build-image.ts. */
export async function buildImage(wish: BuildWish, progress: Progress, signal: AbortSignal, checks: BuildChecks): Promise<BuildResult> {
  const { facts: { tokenState, ...facts }, accept } = checks
  await checkWish(wish)
  await checkOut(wish)
  const result = await runJob('build', {
    input: async (show, out) => ({ wish: { ...plain(wish), ...(await shownMaking(wish, show, out)) }, checks: { facts, accept } }),
    out: wish.out,
    asked: { ...supplies(wish), ...(tokenState ? { tokenState } : {}) },
    progress,
    signal,
  })
  return { ...result, out: wish.out }
}

/** As image-builder/build-image.ts. */
export async function planImage(wish: BuildWish, progress: Progress, signal: AbortSignal): Promise<PlannedBuild> {
  await checkWish(wish)
  return await runJob('plan', { input: async (show, out) => ({ wish: { ...plain(wish), ...(await shownMaking(wish, show, out)) } }), asked: supplies(wish), progress, signal })
}

/** As image-builder/strip-image.ts. */
export async function stripImage(making: Making, progress: Progress, signal: AbortSignal): Promise<Stripped> {
  await checkOut(making)
  const result = await runJob('strip', { input: async (show, out) => ({ making: await shownMaking(making, show, out) }), out: making.out, asked: {}, progress, signal })
  return { ...result, out: making.out }
}

/** As image-builder/change-debug-user.ts. */
export async function changeDebugUser(making: Making, change: DebugChange, progress: Progress, signal: AbortSignal): Promise<Stripped> {
  await checkOut(making)
  const result = await runJob('debug-user', { input: async (show, out) => ({ making: await shownMaking(making, show, out), change }), out: making.out, asked: {}, progress, signal })
  return { ...result, out: making.out }
}

/** As image-builder/inspect-image.ts. */
export async function inspectImage(image: string, options: ReadingOptions, signal: AbortSignal): Promise<Inspection> {
  return await runJob('inspect', { input: async (show) => await shownOpening(image, options, show), asked: {}, progress: QUIET, signal })
}

/** What image-builder/check/ finds in an image. */
export async function checkImage(image: string, options: ReadingOptions, { tokenState, ...facts }: Facts, signal: AbortSignal): Promise<Finding[]> {
  return await runJob('check', { input: async (show) => ({ ...(await shownOpening(image, options, show)), facts }), asked: tokenState ? { tokenState } : {}, progress: QUIET, signal })
}

/** What image-builder/diff/ finds between two images. */
export async function diffImages(before: Opening, after: Opening, progress: Progress, signal: AbortSignal): Promise<Difference[]> {
  const input = async (show: Show) => ({ before: await shownOpening(before.image, before.options, show), after: await shownOpening(after.image, after.options, show) })
  return await runJob('diff', { input, asked: {}, progress, signal })
}

const QUIET: Progress = { begin() {}, update() {}, done() {} }

function plain({ bundle: _bundle, prebake: _prebake, made: _made, ...wish }: BuildWish) {
  return wish
}

/** Begun at once: they are ready when they are asked for. */
function supplies({ bundle, prebake, node, agentUser }: BuildWish): Asked {
  const ordinary = preparePayload('x64', node)
  ordinary.catch(() => {}) // thrown where it is awaited
  return {
    bundle: async () => await bundle,
    payload: async (architecture) => await (architecture === 'x64' ? ordinary : preparePayload(architecture, node)),
    units: async () => await readUnitTexts(agentUser),
    ...(prebake ? { prebake: async () => (await prebake) as Prebake } : {}),
  }
}

async function shownMaking(making: Making, show: Show, out: (path: string) => string): Promise<Making> {
  const { base, backing, keyFile, force, way, grow } = making
  return {
    base: await show(base),
    out: out(making.out),
    ...(backing ? { backing: await shownAll(backing, show) } : {}),
    ...(keyFile === undefined ? {} : { keyFile: await show(keyFile) }),
    ...(force === undefined ? {} : { force }),
    ...(way ? { way } : {}),
    ...(grow ? { grow } : {}),
  }
}

async function shownOpening(image: string, { backing, keyFile, way }: ReadingOptions, show: Show): Promise<Opening> {
  return {
    image: await show(image),
    options: { ...(way ? { way } : {}), ...(backing ? { backing: await shownAll(backing, show) } : {}), ...(keyFile === undefined ? {} : { keyFile: await show(keyFile) }) },
  }
}

async function shownAll(paths: readonly string[], show: Show): Promise<string[]> {
  const shown: string[] = []
  for (const path of paths) shown.push(await show(path))
  return shown
}
