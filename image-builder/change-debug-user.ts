import { describeChange } from './change.ts'
import { makeImage, type Making } from './make-image.ts'
import { planDebugChange, type DebugChange } from './plan/plan-debug-change.ts'
import { provenance } from './provenance.ts'
import type { Stripped } from './strip-image.ts'
import type { Progress } from './wish.ts'

/** Adds, re-keys or removes the debug user of an image that was built, and nothing else. Errors as those of makeImage. */
export async function changeDebugUser(making: Making, change: DebugChange, progress: Progress, signal?: AbortSignal): Promise<Stripped> {
  const { planned, size, way } = await makeImage(
    making,
    {
      plan: async ({ tree }) => {
        const planned = await planDebugChange(tree, change, new Date())
        return { ...planned, about: planned.survey.os }
      },
      provenance: ({ record }, made) => provenance(record, made.way, made.findings),
    },
    progress,
    signal,
  )
  return { out: making.out, size, way, changes: planned.changes.map(describeChange), warnings: planned.warnings }
}
