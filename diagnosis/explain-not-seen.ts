import type { NotSeen } from './diagnosis.ts'
import { SOURCES } from './evidence.ts'
import type { Line } from './page.ts'

const LONGEST = 90

/** `the guest over SSH (image has no debug user) · Nova, Neutron (no clouds.yaml)`: one reason for several is said once. */
export function notSeenLines(all: readonly NotSeen[]): Line[] {
  const byReason = Map.groupBy(all, ({ why, in_part }) => JSON.stringify([why, in_part ?? false]))
  const parts = [...byReason.values()].map((some) => {
    const { why, in_part } = some[0]!
    return `${some.map(({ source }) => SOURCES[source]).join(', ')}${in_part ? ' in part' : ''} (${why.length > LONGEST ? `${why.slice(0, LONGEST)}…` : why})`
  })
  return parts.length === 0 ? [] : [parts.join(' · ')]
}
