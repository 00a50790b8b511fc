import { setInterval } from 'node:timers/promises'
import type { Attestor } from './attestor.ts'

export interface SweepParts {
  readonly attestor: Pick<Attestor, 'isGone' | 'live'>
  /** Instances that are enrolled and not revoked. */
  readonly enrolled: () => readonly string[]
  /** @param why for the audit log */
  readonly revoke: (instance: string, why: string) => void
  /** Takes one line for the operator. */
  readonly warn?: (line: string) => void
  /** Milliseconds from one sweep to the next. */
  readonly every?: number
}

const EVERY = 5 * 60_000

/** Revokes what Trove has deleted, now and again until closed. Never throws. */
export function startSweep(parts: SweepParts): { close(): Promise<void> } {
  const ended = new AbortController()
  const sweeping = sweepUntil(ended.signal, parts)
  return {
    async close() {
      ended.abort()
      await sweeping
    },
  }
}

async function sweepUntil(signal: AbortSignal, parts: SweepParts): Promise<void> {
  try {
    for await (const _ of setInterval(parts.every ?? EVERY, undefined, { signal })) await sweep(parts, signal)
  } catch (error) {
    if (!signal.aborted) parts.warn?.(`instances that Trove deletes are not revoked any more, until the next start: ${(error as Error).message}`)
  }
}

/**
 * One sweep: a single list of what is there, and a question for each that is missing in it, one after the other. That an instance is not listed
 * revokes nothing; that Trove says it was deleted does.
 * @returns what was revoked
 */
export async function sweep({ attestor, enrolled, revoke, warn }: SweepParts, signal: AbortSignal): Promise<string[]> {
  const revoked: string[] = []
  try {
    if (enrolled().length === 0) return revoked
    const live = await attestor.live(signal)
    if (live === undefined) return revoked
    for (const instance of enrolled().filter((one) => !live.has(one))) {
      if (signal.aborted) break
      if ((await attestor.isGone(instance, signal)) !== true) continue
      revoke(instance, 'Trove has deleted it')
      revoked.push(instance)
    }
  } catch (error) {
    warn?.(`an instance that Trove has deleted could not be revoked: ${(error as Error).message}`)
  }
  return revoked
}
