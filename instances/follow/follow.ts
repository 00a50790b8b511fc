import { setTimeout as delay } from 'node:timers/promises'
import { CloudError } from '../../openstack/cloud-error.ts'
import { moved, standingOf, type Sight } from './sight.ts'

export interface Following {
  /** Milliseconds between two looks. */
  readonly period: number
  /** Milliseconds without a change after which `onStill` is asked. */
  readonly still: number
  /** Host clock, milliseconds since 1970. */
  readonly until: number
  readonly signal: AbortSignal
  readonly look: () => Promise<Sight>
  onSight(sight: Sight): void
  /** Trove did not answer this time. */
  onSilence(error: CloudError): void
  /** Nothing moves. @returns whether there is no point in waiting on */
  onStill(sight: Sight | undefined): Promise<boolean>
}

export type End = 'ready' | 'failed' | 'gone' | 'stuck' | 'late' | 'interrupted'

/** Watches an instance until it is ready, broken, gone or stuck, or nobody wants to wait on. Trove may be silent for a while. */
export async function follow({ period, still, until, signal, look, onSight, onSilence, onStill }: Following): Promise<{ end: End; sight: Sight | undefined }> {
  let sight: Sight | undefined
  let before = ''
  let since = Date.now()
  for (;;) {
    try {
      sight = await look()
      onSight(sight)
      const standing = standingOf(sight)
      if (standing !== 'under way') return { end: standing, sight }
    } catch (error) {
      if (!(error instanceof CloudError)) throw error
      onSilence(error)
    }
    const now = sight === undefined ? '' : moved(sight)
    if (now !== before) [before, since] = [now, Date.now()]
    if (signal.aborted) return { end: 'interrupted', sight }
    if (Date.now() >= until) return { end: 'late', sight }
    if (Date.now() - since >= still) {
      if (await onStill(sight)) return { end: 'stuck', sight }
      since = Date.now()
    }
    await delay(period, undefined, { signal }).catch(() => {})
    if (signal.aborted) return { end: 'interrupted', sight }
  }
}
