import type { Collector } from './collector.ts'
import type { Source } from '../evidence.ts'

/** Two ways to the same source, tried side by side: what the first sees counts, and where it sees nothing, what the second sees. */
export function prefer<S extends Source>(first: Collector<S>, second: Collector<S>): Collector<S> {
  return {
    source: first.source,
    deadline: Math.max(first.deadline, second.deadline),
    async collect(target, context) {
      const parts: { first: string[]; second: string[] } = { first: [], second: [] }
      const one = first.collect(target, { ...context, partly: (why) => void parts.first.push(why) })
      const other = second.collect(target, { ...context, partly: (why) => void parts.second.push(why) })
      other.catch(() => {}) // said below, where it is needed
      try {
        const seen = await one
        parts.first.forEach(context.partly)
        return seen
      } catch (error) {
        context.partly((error as Error).message)
        const seen = await other
        parts.second.forEach(context.partly)
        return seen
      }
    },
  }
}
