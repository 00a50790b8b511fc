import { isIPv4 } from 'node:net'
import { isWithin } from '../network.ts'
import type { Expression, Table } from './ruleset.ts'

/** A packet, so far as it is known. */
export interface Packet {
  readonly hook: 'input' | 'forward'
  readonly saddr?: string
  readonly daddr?: string
  readonly iifname?: string
  readonly oifname?: string
  readonly sport?: number
  readonly dport?: number
  readonly state: 'new' | 'established'
  /** Whether its destination was changed on its way. */
  readonly dnat: boolean
}

/** Undefined where it cannot be told. */
type Known = boolean | undefined

/** Whether a packet fulfils all conditions of a rule. */
export function fitsAll(expressions: readonly Readonly<Record<string, Expression>>[], packet: Packet, table: Table): Known {
  const accepts = expressions.some((expression) => 'accept' in expression)
  const answers = expressions.map((expression) => ('xt' in expression ? fitsXt(expression['xt'], accepts, packet) : fits(expression, packet, table)))
  return answers.includes(false) ? false : answers.includes(undefined) ? undefined : true
}

/** Statements that are no conditions let every packet by. */
const NO_CONDITIONS = ['accept', 'drop', 'reject', 'jump', 'goto', 'return', 'counter', 'log', 'vmap', 'comment', 'mangle', 'notrack', 'continue']

function fits(expression: Readonly<Record<string, Expression>>, packet: Packet, table: Table): Known {
  const match = expression['match'] as { op: string; left: Expression; right: Expression } | undefined
  if (match === undefined) return Object.keys(expression).every((key) => NO_CONDITIONS.includes(key)) ? true : undefined
  const is = isOneOf(factOf(match.left, packet), match.right, table)
  if (match.op === '!=') return is === undefined ? undefined : !is
  return match.op === '==' || match.op === 'in' ? is : undefined
}

/**
 * A match of iptables that nft has no words for: its name is all that is shown. Of conntrack it is taken that rules accept what belongs
 * to a connection, and drop what is invalid, as rules of iptables do.
 */
function fitsXt(xt: Expression, accepts: boolean, { state }: Packet): Known {
  const { type, name } = xt as { type?: string; name?: string }
  if (type === 'target' || name === 'comment') return true
  if (name === 'conntrack') return accepts ? (state === 'established' ? true : undefined) : false
  return undefined
}

/** What the packet has in this place: a text, a number, several flags; undefined where it is not known. */
export function factOf(left: Expression, packet: Packet): string | number | readonly string[] | undefined {
  const { payload, meta, ct } = left as { payload?: { protocol?: string; field?: string }; meta?: { key?: string }; ct?: { key?: string } }
  switch (payload ? `${payload.protocol} ${payload.field}` : meta ? `meta ${meta.key}` : ct ? `ct ${ct.key}` : '') {
    case 'ip saddr': return packet.saddr
    case 'ip daddr': return packet.daddr
    case 'ip protocol': return 'tcp'
    case 'tcp sport': case 'th sport': return packet.sport
    case 'tcp dport': case 'th dport': return packet.dport
    case 'udp sport': case 'udp dport': case 'icmp type': case 'icmpv6 type': case 'ip6 saddr': case 'ip6 daddr': return NEVER
    case 'meta iifname': case 'meta iif': return packet.hook === 'input' && packet.iifname === undefined ? NOT_LOOPBACK : packet.iifname
    case 'meta oifname': case 'meta oif': return packet.oifname
    case 'meta l4proto': return 'tcp'
    case 'meta nfproto': return 'ipv4'
    case 'meta protocol': return 'ip'
    case 'ct state': return [packet.state]
    case 'ct status': return packet.dnat ? ['dnat'] : []
    default: return undefined
  }
}

/** A value that no rule names: TCP over IPv4 has no such field. */
const NEVER: readonly string[] = []

/** Guests come in by an interface, whichever it is. */
const NOT_LOOPBACK: readonly string[] = ['']

/** @param wanted a value, a list of flags, a set, a range, a network, or the name of a set */
export function isOneOf(fact: string | number | readonly string[] | undefined, wanted: Expression, table: Table): Known {
  if (fact === undefined) return undefined
  if (fact === NEVER) return false
  if (Array.isArray(wanted)) return any(wanted.map((one) => isOneOf(fact, one, table)))
  if (fact === NOT_LOOPBACK) return wanted === 'lo' ? false : undefined
  if (typeof wanted === 'string' && wanted.startsWith('@')) return any((table.sets.get(wanted.slice(1)) ?? []).map((one) => isOneOf(fact, one, table)))
  if (typeof wanted === 'string' || typeof wanted === 'number') return Array.isArray(fact) ? fact.includes(String(wanted)) : sameWord(String(fact), String(wanted))
  const { set, range, prefix, elem } = (wanted ?? {}) as { set?: readonly Expression[]; range?: readonly [Expression, Expression]; prefix?: { addr: string; len: number }; elem?: { val: Expression } }
  if (set !== undefined) return any(set.map((one) => isOneOf(fact, one, table)))
  if (elem !== undefined) return isOneOf(fact, elem.val, table)
  if (prefix !== undefined) return typeof fact === 'string' && isIPv4(fact) && isIPv4(prefix.addr) ? isWithin(fact, `${prefix.addr}/${prefix.len}`) : undefined
  if (range !== undefined && typeof fact === 'number' && range.every((end) => typeof end === 'number')) return fact >= Number(range[0]) && fact <= Number(range[1])
  return undefined
}

function sameWord(fact: string, wanted: string): boolean {
  return wanted.endsWith('*') ? fact.startsWith(wanted.slice(0, -1)) : fact === wanted
}

function any(answers: readonly Known[]): Known {
  return answers.includes(true) ? true : answers.includes(undefined) ? undefined : false
}
