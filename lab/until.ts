import { setTimeout as delay } from 'node:timers/promises'

/**
 * Asks again and again until there is an answer other than undefined.
 *
 * @param what in the error, after "waited N s for"
 * @throws after `timeoutMs`
 */
export async function until<T>(what: string, ask: () => Promise<T | undefined> | T | undefined, options: { timeoutMs: number; everyMs?: number }): Promise<T> {
  const deadline = performance.now() + options.timeoutMs
  for (;;) {
    const answer = await ask()
    if (answer !== undefined) return answer
    if (performance.now() > deadline) throw new Error(`waited ${Math.round(options.timeoutMs / 1000)} s for ${what}`)
    await delay(options.everyMs ?? 100)
  }
}
