import type { CollectContext, Collector } from '../../../diagnosis/collect/collector.ts'
import type { Evidence, Source } from '../../../diagnosis/evidence.ts'

export const INSTANCE = '5b2d1f3e-1111-4111-8111-111111111111'
export const OTHER = '77aa0c21-2222-4222-8222-222222222222'

/** What a collector sees when nobody looks beside it, and what it could not see. @param times its deadline so often, for what is asked of real parts on a busy machine */
export async function look<S extends Source>(collector: Collector<S>, name?: string, times = 1): Promise<{ seen: NonNullable<Evidence[S]>; partly: string[] }> {
  const partly: string[] = []
  const context: CollectContext = { signal: AbortSignal.timeout(times * collector.deadline), seenBy: async () => undefined, partly: (why) => void partly.push(why) }
  const seen = await collector.collect({ instance: INSTANCE, ...(name === undefined ? {} : { name }) }, context)
  return { seen, partly }
}
