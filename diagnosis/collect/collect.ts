import type { Evidence, Looked, Source } from '../evidence.ts'
import { scrubEvidence } from '../scrub-evidence.ts'
import { CannotSee, type Collector, type CollectContext, type Target } from './collector.ts'

export interface CollectOptions {
  readonly target: Target
  readonly collectors: readonly Collector[]
  /** Sources that nobody looks at in this run, and why: `no clouds.yaml`. */
  readonly left_out: Partial<Record<Source, string>>
  readonly version: string
  readonly now: Date
  /** Secrets that are known by value here (passwords of configuration files that were read); they never leave. */
  readonly secrets: readonly string[]
  readonly onDone?: (source: Source, looked: Looked) => void
}

/** Looks everywhere side by side; takes as long as the slowest deadline, never longer. Never throws for what could not be seen. */
export async function collect(options: CollectOptions): Promise<Evidence> {
  const { target, collectors, left_out, version, now, secrets, onDone } = options
  const looked: Partial<Record<Source, Looked>> = {}
  const seen: Partial<Record<Source, unknown>> = {}
  for (const [source, why] of Object.entries(left_out)) looked[source as Source] = { seen: false, why, took: 0 }
  const running = new Map<Source, PromiseWithResolvers<unknown>>(collectors.map(({ source }) => [source, Promise.withResolvers<unknown>()]))
  await Promise.all(
    collectors.map(async (collector) => {
      const { source } = collector
      const began = performance.now()
      const parts: string[] = []
      const context: CollectContext = {
        signal: AbortSignal.timeout(collector.deadline),
        seenBy: async (other) => (await running.get(other)?.promise) as never,
        partly: (why) => void parts.push(why),
      }
      try {
        seen[source] = await within(collector, target, context)
      } catch (error) {
        parts.push(error instanceof CannotSee ? error.message : `${(error as Error).name}: ${(error as Error).message}`)
      }
      running.get(source)!.resolve(seen[source])
      const why = parts.join('; ').slice(0, 1000)
      looked[source] = { seen: seen[source] !== undefined, ...(why === '' ? {} : { why }), took: Math.round(performance.now() - began) / 1000 }
      onDone?.(source, looked[source])
    }),
  )
  const { instance, name } = target
  return scrubEvidence({ format: 1, trovestrap: version, at: now.toISOString(), instance, ...(name === undefined ? {} : { name }), looked, ...seen } as Evidence, secrets)
}

function within(collector: Collector, target: Target, context: CollectContext): Promise<unknown> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(new CannotSee(`no answer within ${collector.deadline / 1000} s`)), collector.deadline + 100)
  const looking = collector.collect(target, context)
  looking.catch(() => {}) // what still fails after its deadline has nobody who listens
  return Promise.race([looking, late.promise]).finally(() => clearTimeout(timer))
}
