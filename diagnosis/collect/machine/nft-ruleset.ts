import type { Chain, Condition, Rule, Verdict } from './ruleset.ts'

/** libnftables-json(5), so far as it is read here. */
interface NftObject {
  readonly chain?: { family: string; table: string; name: string; hook?: string; type?: string; policy?: string }
  readonly rule?: { family: string; table: string; chain: string; expr: readonly Statement[] }
}
type Statement = Readonly<Record<string, unknown>>
interface Match {
  readonly op: string
  readonly left: { payload?: { protocol?: string; field?: string }; meta?: { key?: string }; ct?: { key?: string } }
  readonly right: unknown
}

/** Statements that decide nothing. */
const PASSING = ['counter', 'log', 'comment', 'limit', 'notrack', 'mangle']

/** The chains for IPv4 of `nft -j list ruleset`. @throws SyntaxError when it is no JSON */
export function fromNft(json: string): Chain[] {
  const { nftables } = JSON.parse(json) as { nftables: readonly NftObject[] }
  const chains = new Map<string, Chain>()
  for (const { chain } of nftables) {
    if (!chain || !['ip', 'inet'].includes(chain.family)) continue
    const { hook, type = 'filter', policy } = chain
    const base = hook === undefined ? {} : { base: { hook, type, policy: policy === 'drop' ? ('drop' as const) : ('accept' as const) } }
    chains.set(`${chain.family} ${chain.table} ${chain.name}`, { table: `${chain.family} ${chain.table}`, name: chain.name, rules: [], ...base })
  }
  for (const { rule } of nftables) if (rule) chains.get(`${rule.family} ${rule.table} ${rule.chain}`)?.rules.push(ruleOf(rule.expr))
  return [...chains.values()]
}

function ruleOf(statements: readonly Statement[]): Rule {
  const conditions: Condition[] = []
  let verdict: Verdict = { act: 'none' }
  for (const statement of statements) {
    const [kind = '', value] = Object.entries(statement)[0] ?? []
    const decided = verdictOf(kind, value)
    if (decided) verdict = decided
    else if (kind === 'match') conditions.push(conditionOf(value as Match))
    else if (!PASSING.includes(kind) && !isComment(kind, value)) conditions.push({ on: 'other', not: false, ...(kind === 'xt' ? { foreign: true as const } : {}) })
  }
  return { conditions, verdict }
}

function verdictOf(kind: string, value: unknown): Verdict | undefined {
  if (kind === 'accept' || kind === 'drop' || kind === 'return') return { act: kind }
  if (kind === 'reject') return { act: 'drop' }
  if (kind === 'masquerade' || kind === 'snat') return { act: 'masquerade' }
  if (kind === 'jump' || kind === 'goto') return { act: kind, chain: (value as { target: string }).target }
  // What iptables has put there and nftables has no words for.
  if (kind === 'xt') {
    const { type, name } = value as { type?: string; name?: string }
    if (type === 'target' && /^(MASQUERADE|SNAT)$/.test(name ?? '')) return { act: 'masquerade' }
    if (type === 'target' && name === 'REJECT') return { act: 'drop' }
  }
  return undefined
}

function isComment(kind: string, value: unknown): boolean {
  return kind === 'xt' && (value as { name?: string }).name === 'comment'
}

function conditionOf({ op, left, right }: Match): Condition {
  const not = op === '!='
  // A set that stands elsewhere.
  if (typeof right === 'string' && right.startsWith('@')) return { on: 'other', not: false }
  const { payload, meta, ct } = left
  if (payload?.field === 'dport') return { on: 'port', protocol: payload.protocol ?? '', ranges: rangesIn(right), not }
  if (payload?.protocol === 'ip' && payload.field === 'saddr') return { on: 'source', networks: networksIn(right), not }
  if (payload?.protocol === 'ip6') return { on: 'protocol', protocols: ['ipv6'], not }
  if (meta?.key === 'l4proto' || (payload?.protocol === 'ip' && payload.field === 'protocol')) return { on: 'protocol', protocols: wordsIn(right), not }
  if (meta?.key === 'iifname' || meta?.key === 'iif') return { on: 'interface', names: wordsIn(right), not }
  if (ct?.key === 'state') return { on: 'state', states: wordsIn(right), not }
  return { on: 'other', not: false }
}

function itemsIn(right: unknown): unknown[] {
  if (Array.isArray(right)) return right
  const set = (right as { set?: unknown } | null)?.set
  return Array.isArray(set) ? set : [right]
}

const wordsIn = (right: unknown): string[] => itemsIn(right).map(String)

function rangesIn(right: unknown): [number, number][] {
  return itemsIn(right).flatMap((item): [number, number][] => {
    if (typeof item === 'number') return [[item, item]]
    const range = (item as { range?: [number, number] } | null)?.range
    return range ? [range] : []
  })
}

function networksIn(right: unknown): string[] {
  return itemsIn(right).flatMap((item) => {
    if (typeof item === 'string') return [item]
    const prefix = (item as { prefix?: { addr: string; len: number } } | null)?.prefix
    return prefix ? [`${prefix.addr}/${prefix.len}`] : []
  })
}
