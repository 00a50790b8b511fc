import type { Cause } from '../cause.ts'
import { contentDamaged, staleCode } from './content-damaged.ts'
import { enrolmentRefused } from './enrolment-refused.ts'
import { keysExposed } from './host-ready.ts'
import { hostAway } from './host-server-away.ts'
import { clockOff, hostUntrusted } from './host-trust.ts'
import { sourceUnreadable } from './source-unreadable.ts'
import { startLimit, startTimeout } from './unit-limits.ts'
import { dependencyFailed, environmentMissing, startedTooEarly } from './unit-start-order.ts'

/** Group D of the catalogue: what is fetched from the host, and the units of Trove's own images. */
export const fetching: readonly Cause[] = [
  environmentMissing,
  hostAway,
  enrolmentRefused,
  sourceUnreadable,
  hostUntrusted,
  clockOff,
  contentDamaged,
  startTimeout,
  dependencyFailed,
  startLimit,
  startedTooEarly,
  staleCode,
  keysExposed,
]
