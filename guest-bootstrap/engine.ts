import type { StageName, StageState } from '../contract/report.ts'
import { Fault } from '../contract/fault.ts'
import { atLeast, backoff, LONGEST, worthSaying } from './backoff.ts'
import { faultOf } from './fault-of.ts'
import type { Stage } from './stage.ts'
import type { System } from './system.ts'

/** What changed, before the reporter adds who says it and when. */
export interface Event {
  readonly stage: StageName
  readonly state: StageState
  readonly attempt: number
  readonly note?: string
  readonly took?: number
  readonly next?: number
  readonly fault?: Fault
}

export interface EngineOptions {
  readonly announce: (event: Event) => void
  /** From 0 to 1. */
  readonly chance: () => number
}

/**
 * Takes the stages in their order until each is done. Knows none of them.
 *
 * After a failure it waits and starts again from the first stage: those that are still done answer so at once, and one whose
 * ground has shifted meanwhile (a credential refused, a configuration changed) is taken again. It never gives up.
 */
export async function bringUp(stages: readonly Stage[], system: System, options: EngineOptions): Promise<void> {
  const progress = new Map(stages.map((stage) => [stage.name, new Progress()]))
  let finished = false
  while (!finished) {
    finished = true
    for (const stage of stages) {
      const wait = await take(stage, progress.get(stage.name)!, system, options)
      if (wait === undefined) continue
      await system.clock.sleep(wait)
      finished = false
      break
    }
  }
}

/** Where one stage stands in this run of the daemon. */
class Progress {
  attempts = 0
  /** Ends `meanwhile`; there as long as it runs. */
  aside: AbortController | undefined
  said: { words: string; repeats: number; at: number } | undefined
  /** Whether it was said to be done and nothing since contradicts it. */
  known = false
}

/** @returns seconds to wait before the next try, or undefined when the stage is done. */
async function take(stage: Stage, progress: Progress, system: System, { announce, chance }: EngineOptions): Promise<number | undefined> {
  const began = system.clock.uptime()
  const attempt = progress.attempts + 1
  try {
    const done = await stage.done(system)
    if (done !== false) {
      const note = done === true ? 'as it should be already' : done
      if (!progress.known) announce({ stage: stage.name, state: 'done', attempt: 1, note, took: 0 })
      settle(progress)
      return undefined
    }
    if (attempt === 1) announce({ stage: stage.name, state: 'begun', attempt })
    const note = await stage.run(system)
    const took = system.clock.uptime() - began
    announce({ stage: stage.name, state: 'done', attempt, took, ...(note === undefined ? {} : { note }) })
    settle(progress)
    return undefined
  } catch (error) {
    const fault = faultOf(error)
    const next = atLeast(fault.wait, backoff(attempt, stage.pace?.[fault.kind] ?? LONGEST[fault.kind], chance()), chance())
    if (isNews(progress, fault, system.clock.uptime())) announce({ stage: stage.name, state: 'failed', attempt, next, fault })
    progress.attempts = attempt
    progress.known = false
    if (stage.meanwhile && !progress.aside) {
      progress.aside = new AbortController()
      void stage.meanwhile(system, progress.aside.signal).catch(() => {}).finally(() => (progress.aside = undefined))
    }
    return next
  }
}

function settle(progress: Progress): void {
  progress.aside?.abort()
  progress.attempts = 0
  progress.said = undefined
  progress.known = true
}

function isNews(progress: Progress, fault: Fault, now: number): boolean {
  const words = `${fault.code} ${JSON.stringify(fault.details)}`
  if (progress.said?.words !== words) progress.said = { words, repeats: 0, at: now }
  else if (!worthSaying(progress.said.repeats, now - progress.said.at)) return false
  progress.said = { words, repeats: progress.said.repeats + 1, at: now }
  return true
}
