import { tmpdir } from 'node:os'
import { describeChange, digestOf, type Change } from './change.ts'
import { checkImage } from './check/check-image.ts'
import type { CheckFacts, Finding } from './check/finding.ts'
import { checkWish } from './check-wish.ts'
import { makeImage, payloadOf, planOnly, type Making, type Planned, type Work } from './make-image.ts'
import { preparePayload, type Payload } from './payload.ts'
import { planBuild, type Plan } from './plan/plan-build.ts'
import { requirePlatform } from './plan/platform.ts'
import { readUnitTexts, type UnitTexts } from './plan/unit-texts.ts'
import { provenance } from './provenance.ts'
import type { OpenImage } from './way.ts'
import type { Architecture, Prebake, Progress, Wish } from './wish.ts'

export interface BuildResult {
  readonly out: string
  /** Bytes of OUT as a file. */
  readonly size: number
  /** Bytes put into the image. */
  readonly payload: number
  /** Seconds. */
  readonly took: number
  readonly os: string
  readonly architecture: Architecture
  readonly way: string
  /** Build id; the same for the same input. */
  readonly build: string
  /** Digest of all that was put in. */
  readonly content: string
  /** The image had been built upon before. */
  readonly rebuilt: boolean
  /** One line each. */
  readonly changes: readonly string[]
  readonly warnings: readonly string[]
  readonly findings: readonly Finding[]
}

/** A wish that may come before all of it is there: bundle and source tree are made while the image is copied. */
export type BuildWish = Omit<Wish, 'bundle' | 'prebake'> & {
  readonly bundle: Wish['bundle'] | Promise<Wish['bundle']>
  readonly prebake?: Prebake | Promise<Prebake | undefined>
  /** What of our own goes in; made here when it is left out. */
  readonly made?: { readonly payload: (architecture: Architecture) => Promise<Payload>; readonly units: Promise<UnitTexts> }
}

/** What the check of the result goes by; no check without it. */
export interface BuildChecks {
  readonly facts: Omit<CheckFacts, 'space' | 'now'>
  /** Ids or codes of error-level findings that do no harm here. */
  readonly accept: readonly string[]
}

/**
 * Makes OUT from BASE with the guest daemon in it. BASE is only read; OUT appears whole, under its name, or not at all.
 *
 * @param signal ends the build; nothing is left behind
 * @throws ImageRefusal when wish or image cannot be used, BuildFailure when something went wrong on the way
 */
export async function buildImage(wish: BuildWish, progress: Progress, signal?: AbortSignal, checks?: BuildChecks): Promise<BuildResult> {
  const began = performance.now()
  await checkWish(wish)
  const { planned, size, way, findings } = await makeImage(makingOf(wish), workOf(wish, checks), progress, signal)
  const { changes, warnings, survey, record, content, rebuilt } = planned
  return {
    out: wish.out,
    size,
    payload: payloadOf(changes),
    took: (performance.now() - began) / 1000,
    os: survey.os,
    architecture: survey.architecture,
    way,
    build: record.build,
    content,
    rebuilt,
    changes: changes.map(describeChange),
    warnings,
    findings,
  }
}

export interface PlannedBuild {
  readonly os: string
  readonly way: string
  readonly content: string
  /** In order. Contents are named by their digests. */
  readonly changes: readonly (Record<string, unknown> & { readonly line: string })[]
  readonly warnings: readonly string[]
}

/** Every change that a build would make, without making one. @throws ImageRefusal */
export async function planImage(wish: BuildWish, progress: Progress, signal?: AbortSignal): Promise<PlannedBuild> {
  await checkWish(wish)
  const { planned, way } = await planOnly(makingOf(wish), workOf(wish), tmpdir(), progress, signal)
  return { os: planned.survey.os, way, content: planned.content, changes: planned.changes.map(shown), warnings: planned.warnings }
}

function makingOf({ base, backing, out, force, way, grow, keyFile }: BuildWish): Making {
  return {
    base,
    out,
    ...(backing ? { backing } : {}),
    ...(force === undefined ? {} : { force }),
    ...(way ? { way } : {}),
    ...(grow === undefined ? {} : { grow }),
    ...(keyFile === undefined ? {} : { keyFile }),
  }
}

function workOf(early: BuildWish, checks?: BuildChecks): Work<Plan & Planned> {
  const units = early.made?.units ?? readUnitTexts(early.agentUser)
  const payloadFor = early.made?.payload ?? ((architecture: Architecture) => preparePayload(architecture, early.node))
  const ordinary = payloadFor('x64')
  const whole = wholeWish(early)
  for (const begun of [units, ordinary, whole]) begun.catch(() => {}) // thrown where they are awaited
  return {
    async plan({ tree }, base) {
      const { architecture } = await requirePlatform(tree)
      const payload = await (architecture === 'x64' ? ordinary : payloadFor(architecture))
      const plan = await planBuild(tree, { wish: await whole, payload, units: await units, base, now: buildTime() })
      return { ...plan, about: `${plan.survey.os}, ${architecture}` }
    },
    ...(checks
      ? {
          check: async ({ tree, space }: OpenImage) => await checkImage(tree, { ...checks.facts, space, now: new Date() }),
          accept: checks.accept,
        }
      : {}),
    provenance: ({ record }, { way, findings }) => provenance(record, way, findings),
  }
}

/** The moment that the record names; reproducible builds say it (https://reproducible-builds.org/specs/source-date-epoch/). */
function buildTime(): Date {
  const epoch = process.env['SOURCE_DATE_EPOCH']
  return epoch !== undefined && /^\d{1,11}$/.test(epoch) ? new Date(Number(epoch) * 1000) : new Date()
}

async function wholeWish({ bundle, prebake, made: _, ...rest }: BuildWish): Promise<Wish> {
  const [code, tree] = await Promise.all([bundle, prebake])
  return { ...rest, bundle: code, ...(tree ? { prebake: tree } : {}) }
}

function shown(change: Change): Record<string, unknown> & { line: string } {
  const line = describeChange(change)
  if (!('content' in change)) return { ...change, line }
  const { content, ...rest } = change
  return { ...rest, sha256: digestOf(content), line }
}
