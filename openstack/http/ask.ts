import { setTimeout as delay } from 'node:timers/promises'
import { once } from './once.ts'
import type { Trust } from './trust.ts'
import type { Body } from './upload.ts'

/** How long somebody waits for an answer. */
export interface Patience {
  /** Ends the request at once. */
  readonly signal: AbortSignal
  /** Host clock, milliseconds since 1970: when `signal` will be aborted at the latest. */
  readonly until: number
}

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

export interface Question {
  /** For messages: `Nova`. */
  readonly service: string
  readonly method: Method
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly json?: unknown
  /** In place of `json`. */
  readonly body?: Body
  readonly trust: Trust
}

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  /** Parsed where it is JSON; undefined where it is not. */
  readonly body: unknown
}

/** Statuses with which a service says "not now"; Retry-After says when. */
const NOT_NOW = [429, 503]

/**
 * Asks once; a service that says when to come back is asked a second time, where that is within the patience.
 * Statuses of all kinds are answers.
 * @throws CloudError when no answer came, or one that is too large
 */
export async function ask(question: Question, patience: Patience): Promise<Answer> {
  const answer = await once(question, patience)
  const wait = NOT_NOW.includes(answer.status) ? retryAfter(answer.headers['retry-after'], Date.now()) : undefined
  if (wait === undefined || Date.now() + wait >= patience.until) return answer
  await delay(wait, undefined, { signal: patience.signal })
  return await once(question, patience)
}

/** Milliseconds. RFC 9110: seconds, or a date. */
export function retryAfter(header: string | string[] | undefined, now: number): number | undefined {
  if (typeof header !== 'string') return undefined
  if (/^\d{1,6}$/.test(header)) return Number(header) * 1000
  const date = Date.parse(header)
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}
