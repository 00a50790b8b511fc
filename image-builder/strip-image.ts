import { describeChange } from './change.ts'
import { makeImage, type Making } from './make-image.ts'
import { planStrip } from './plan/plan-strip.ts'
import type { Progress } from './wish.ts'

export interface Stripped {
  readonly out: string
  readonly size: number
  readonly way: string
  readonly changes: readonly string[]
  readonly warnings: readonly string[]
}

/** Takes everything of ours out of an image again; what was there before is restored. Errors as those of makeImage. */
export async function stripImage(making: Making, progress: Progress, signal?: AbortSignal): Promise<Stripped> {
  const plan = async ({ tree }: { tree: Parameters<typeof planStrip>[0] }) => {
    const planned = await planStrip(tree)
    return { ...planned, about: `built ${planned.record.built} from ${planned.record.base.name}` }
  }
  const { planned, size, way } = await makeImage(making, { plan }, progress, signal)
  return { out: making.out, size, way, changes: planned.changes.map(describeChange), warnings: planned.warnings }
}
