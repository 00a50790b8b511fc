import { Secret } from '../../contract/secret.ts'
import type { Somebody } from './somebody.ts'

/** From whoever has root's rights to the one who has none. */
export type Order =
  | { readonly kind: 'start'; readonly job: string; readonly input: unknown; readonly as: Somebody; readonly mounts: readonly { readonly from: string; readonly to: string }[] }
  | { readonly kind: 'answer'; readonly number: number; readonly value: unknown }
  | { readonly kind: 'no-answer'; readonly number: number; readonly failure: Failure }
  | { readonly kind: 'stop' }

/** Back. Whoever says this has looked at a foreign image, and is not believed more than the image. */
export type Said =
  | { readonly kind: 'begin' | 'update' | 'done'; readonly text: string }
  | { readonly kind: 'ask'; readonly number: number; readonly name: string; readonly argument: string }
  | { readonly kind: 'result'; readonly value: unknown }
  | { readonly kind: 'failed'; readonly failure: Failure }

export interface Failure {
  readonly type: 'ImageRefusal' | 'NotThisWay' | 'BuildFailure' | 'ApplianceMissing' | 'other'
  readonly message: string
  /** Of the system: ENOSPC. */
  readonly code?: string
}

/** JSON, in which bytes and secrets arrive as what they were. Not V8's own form: its reader is not made for strangers. */
export function encode(value: unknown): string {
  return JSON.stringify(value, function (this: Record<string, unknown>, key, json: unknown) {
    const plain = this[key]
    if (Buffer.isBuffer(plain)) return { $bytes: plain.toString('base64') }
    if (plain instanceof Secret) return { $secret: plain.reveal() }
    return json
  })
}

export function decode(text: string): unknown {
  return JSON.parse(text, (_key, value: unknown) => {
    if (typeof value !== 'object' || value === null) return value
    const { $bytes, $secret } = value as { $bytes?: unknown; $secret?: unknown }
    if (typeof $bytes === 'string') return Buffer.from($bytes, 'base64')
    return typeof $secret === 'string' ? new Secret($secret) : value
  })
}
