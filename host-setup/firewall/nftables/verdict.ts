import { factOf, fitsAll, isOneOf, type Packet } from './fits.ts'
import type { Chain, Expression, Rule, Table } from './ruleset.ts'

/** What becomes of a packet in one base chain; `unclear` where a rule cannot be judged without seeing the packet. */
export type Fate = 'accept' | 'drop' | 'unclear'

type Verdict = 'accept' | 'drop' | 'continue'

/** Deeper, nft itself refuses to load. */
const DEEPEST = 16

export function fateIn(base: Chain, table: Table, packet: Packet): Fate {
  const policy: Verdict = base.policy === 'drop' ? 'drop' : 'accept'
  const possible = new Set<Verdict>()
  const verdict = walk(base.name, table, packet, possible, 0)
  possible.add(verdict === 'continue' ? policy : verdict)
  possible.delete('continue')
  return possible.size > 1 ? 'unclear' : ([...possible][0] as Fate)
}

/** @param possible gets what rules would say of which it is not known whether they fit */
function walk(chain: string, table: Table, packet: Packet, possible: Set<Verdict>, depth: number): Verdict {
  if (depth > DEEPEST) return 'continue'
  for (const rule of table.rules) {
    if (rule.chain !== chain) continue
    const fit = fitsAll(rule.expr, packet, table)
    if (fit === false) continue
    const { verdict, ends } = say(rule, table, packet, possible, depth)
    if (verdict === 'continue' && !ends) continue
    if (fit === true) return verdict
    possible.add(verdict)
  }
  return 'continue'
}

function say(rule: Rule, table: Table, packet: Packet, possible: Set<Verdict>, depth: number): { verdict: Verdict; ends: boolean } {
  for (const expression of rule.expr) {
    const spoken = 'vmap' in expression ? chosen(expression['vmap'], table, packet) : expression
    if ('accept' in spoken) return { verdict: 'accept', ends: true }
    if ('drop' in spoken || 'reject' in spoken || isReject(spoken['xt'])) return { verdict: 'drop', ends: true }
    if ('return' in spoken) return { verdict: 'continue', ends: true }
    const to = (spoken['jump'] ?? spoken['goto']) as { target: string } | undefined
    if (to !== undefined) return { verdict: walk(to.target, table, packet, possible, depth + 1), ends: 'goto' in spoken }
  }
  return { verdict: 'continue', ends: false }
}

/** iptables' REJECT, as nft shows it. */
function isReject(xt: Expression): boolean {
  const { type, name } = (xt ?? {}) as { type?: string; name?: string }
  return type === 'target' && name === 'REJECT'
}

/** The verdict that a map has for this packet; none where it has none. */
function chosen(vmap: Expression, table: Table, packet: Packet): Readonly<Record<string, Expression>> {
  const { key, data } = vmap as { key: Expression; data: Expression }
  const pairs = typeof data === 'string' ? (table.sets.get(data.slice(1)) ?? []) : ((data as { set?: readonly Expression[] }).set ?? [])
  const fact = factOf(key, packet)
  for (const [wanted, verdict] of pairs as readonly [Expression, Readonly<Record<string, Expression>>][]) if (isOneOf(fact, wanted, table) === true) return verdict
  return {}
}
