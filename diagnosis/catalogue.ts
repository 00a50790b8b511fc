import type { Cause } from './cause.ts'
import { inOrder } from './ask-all.ts'

/** Every cause that is known, the earliest phase first. What cannot be seen is in unseen.ts, with the reason. */
export const catalogue: readonly Cause[] = inOrder<Cause>([])
