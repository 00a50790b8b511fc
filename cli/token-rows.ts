import type { TokenRecord } from '../host-server/store/store.ts'
import { duration } from '../diagnosis/duration.ts'

/** A table of tokens, heading first. */
export function tokenRows(tokens: readonly TokenRecord[], now: Date): string[][] {
  return [['ID', 'STATE', 'USES', 'MADE', 'IMAGE', 'DESCRIPTION'], ...tokens.map((token) => row(token, now))]
}

function row(token: TokenRecord, now: Date): string[] {
  const { id, uses, max_uses, image, description, created } = token
  return [id, stateOf(token, now), max_uses === undefined ? String(uses) : `${uses} of ${max_uses}`, created.slice(0, 16).replace('T', ' '), image ?? 'any', description ?? '-']
}

function stateOf({ revoked, expires, uses, max_uses }: TokenRecord, now: Date): string {
  if (revoked !== undefined) return 'revoked'
  const left = (Date.parse(expires) - now.getTime()) / 1000
  if (left <= 0) return 'expired'
  if (max_uses !== undefined && uses >= max_uses) return 'used up'
  return `opens for ${duration(left)}`
}
