import type { Exposure } from '../state.ts'
import type { Wish } from '../wish.ts'

/** Ours, and the only one that is ever written. */
export const TABLE = ['inet', 'trovestrap'] as const

/** Before the usual filters, so that our chains stand first in what `nft list ruleset` shows; a verdict of theirs still counts after ours. */
const BEFORE_FILTERS = 'filter - 10'

export interface Content {
  /** For guests: ports of this host, forwarding, masquerade. */
  readonly opened?: Wish
  /** Only the masquerade of `opened`: something else opens the rest. */
  readonly masqueradeOnly?: boolean
  readonly exposed: readonly Exposure[]
}

export function isEmpty({ opened, exposed }: Content): boolean {
  return opened === undefined && exposed.length === 0
}

/** What `nft -f -` reads: one transaction, after which our table has this content and nothing else. */
export function loadScript(content: Content): string {
  return `add table ${TABLE.join(' ')}\ndelete table ${TABLE.join(' ')}\n${tableText(content)}`
}

export const DELETE_TABLE = { program: 'nft', args: ['delete', 'table', ...TABLE] } as const

/** The table in nft's language. @param content must not be empty */
export function tableText({ opened, masqueradeOnly = false, exposed }: Content): string {
  const input = opened && !masqueradeOnly ? [`ip saddr @guests tcp dport @ports accept`] : []
  const forward = [
    ...(opened && !masqueradeOnly ? [`ip saddr @guests oifname ${quoted(opened.outbound)} accept`, `ip daddr @guests iifname ${quoted(opened.outbound)} ct state established,related accept`] : []),
    // An exposed database is reached from wherever the host is, and its answers go back there.
    ...(exposed.length > 0 ? ['ct status dnat ip daddr . tcp dport @databases accept', 'ct status dnat ip saddr . tcp sport @databases ct state established,related accept'] : []),
  ]
  const postrouting = [
    ...(opened ? [`ip saddr @guests oifname ${quoted(opened.outbound)} masquerade`] : []),
    // The instance answers whom it was asked by: not every guest has its default route here.
    ...(exposed.length > 0 ? ['ct status dnat ip daddr . tcp dport @databases masquerade'] : []),
  ]
  const dnat = exposed.length > 0 ? ['dnat ip to ip daddr . tcp dport map @exposed'] : []
  return block(`table ${TABLE.join(' ')}`, [
    ...(opened ? block('set guests', ['type ipv4_addr', 'flags interval', elements(opened.guests)]) : []),
    ...(input.length > 0 ? block('set ports', ['type inet_service', elements(opened!.ports.map(String))]) : []),
    ...(exposed.length > 0 ? block('map exposed', ['type ipv4_addr . inet_service : ipv4_addr . inet_service', elements(exposed.map((one) => `${one.address} . ${one.port} : ${target(one)}`))]) : []),
    ...(exposed.length > 0 ? block('set databases', ['type ipv4_addr . inet_service', elements([...new Set(exposed.map(target))])]) : []),
    ...chain('input', `type filter hook input priority ${BEFORE_FILTERS}`, input),
    ...chain('forward', `type filter hook forward priority ${BEFORE_FILTERS}`, forward),
    ...chain('prerouting', 'type nat hook prerouting priority dstnat', dnat),
    // The host's own connections do not pass prerouting.
    ...chain('output', 'type nat hook output priority -100', dnat),
    ...chain('postrouting', 'type nat hook postrouting priority srcnat', postrouting),
  ]).join('\n')
    .concat('\n')
}

function target({ to }: Exposure): string {
  return `${to.address} . ${to.port}`
}

function chain(name: string, hook: string, rules: readonly string[]): string[] {
  return rules.length === 0 ? [] : block(`chain ${name}`, [`${hook}; policy accept;`, ...rules])
}

function elements(of: readonly string[]): string {
  return `elements = { ${of.join(', ')} }`
}

function block(head: string, lines: readonly string[]): string[] {
  return [`${head} {`, ...lines.map((line) => `\t${line}`), '}']
}

function quoted(name: string): string {
  return `"${name}"`
}
