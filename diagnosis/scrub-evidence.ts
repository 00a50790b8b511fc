import { scrub } from '../contract/scrub.ts'
import type { Evidence } from './evidence.ts'

/** Longest text that is kept; logs are cut into lines before. */
const LONGEST = 2000
// Terminal escapes whole, then every other control character but tab and line feed: a traceback keeps its lines.
const ESCAPES = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\-_])/g
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g
/** PEM of a private key, on one line or several. */
const KEY = /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g

/** The evidence without secrets and without anything that speaks to a terminal. @param secrets known by value */
export function scrubEvidence(evidence: Evidence, secrets: readonly string[]): Evidence {
  return walk(evidence, secrets) as Evidence
}

function walk(value: unknown, secrets: readonly string[]): unknown {
  if (typeof value === 'string') return clean(value, secrets)
  if (Array.isArray(value)) return value.map((item) => walk(item, secrets))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [clean(key, secrets), walk(inner, secrets)]))
}

/** One text, for a person's terminal and somebody else's eyes. */
export function clean(text: string, secrets: readonly string[]): string {
  const plain = text.slice(0, LONGEST * 4).replace(ESCAPES, '').replace(KEY, '***').replace(CONTROLS, ' ')
  return scrub(plain, secrets).slice(0, LONGEST)
}
