// A packet filter's rules as far as one has to understand them to say what becomes of a guest's packet, and no further: whatever else a rule
// asks is `maybe`.
import { BlockList, isIPv4 } from 'node:net'

export type Maybe = 'yes' | 'no' | 'unknown'

/** A condition of a rule. `other`: one that is not understood; `foreign`: iptables has put it there, whose own listing tells what it asks. */
export type Condition = (
  | { readonly on: 'port'; readonly protocol: string; readonly ranges: readonly (readonly [number, number])[] }
  | { readonly on: 'protocol'; readonly protocols: readonly string[] }
  | { readonly on: 'source'; readonly networks: readonly string[] }
  | { readonly on: 'interface'; readonly names: readonly string[] }
  | { readonly on: 'state'; readonly states: readonly string[] }
  | { readonly on: 'other'; readonly foreign?: true }
) & { readonly not: boolean }

export type Verdict = { readonly act: 'accept' | 'drop' | 'return' | 'masquerade' | 'none' } | { readonly act: 'jump' | 'goto'; readonly chain: string }

export interface Rule {
  readonly conditions: readonly Condition[]
  readonly verdict: Verdict
}

export interface Chain {
  readonly table: string
  readonly name: string
  readonly rules: Rule[]
  /** Of a base chain. */
  readonly base?: { readonly hook: string; readonly type: string; readonly policy: 'accept' | 'drop' }
}

/** A guest's packet that opens a connection over TCP. */
export interface Packet {
  /** Absent: any. */
  readonly port?: number
  /** The network that it comes from: `10.0.0.0/24`; absent: not known. */
  readonly from?: string
}

const DEEPEST = 16

/** Whether every base chain at this hook lets the packet through. */
export function passes(chains: readonly Chain[], hook: string, packet: Packet): Maybe {
  const answers = chains.filter(({ base }) => base?.hook === hook && base.type === 'filter').map((chain) => throughBase(chain, chains, packet))
  return answers.includes('no') ? 'no' : answers.includes('unknown') ? 'unknown' : 'yes'
}

/** The networks whose addresses are rewritten on their way out; `everything` where a rule names none. */
export function masqueraded(chains: readonly Chain[]): string[] {
  const sources = chains.flatMap(({ rules }) => rules.filter(({ verdict }) => verdict.act === 'masquerade')).map(({ conditions }) => conditions.find((one) => one.on === 'source' && !one.not))
  return [...new Set(sources.flatMap((source) => (source?.on === 'source' ? source.networks : ['everything'])))]
}

/** `drop` where one base chain at this hook drops what no rule decides about. */
export function policyAt(chains: readonly Chain[], hook: string): 'accept' | 'drop' {
  return chains.some(({ base }) => base?.hook === hook && base.type === 'filter' && base.policy === 'drop') ? 'drop' : 'accept'
}

function throughBase(chain: Chain, chains: readonly Chain[], packet: Packet): Maybe {
  const doubts = { accept: false, drop: false }
  const decided = walk(chain, chains, packet, doubts, 0) ?? chain.base!.policy
  return decided === 'accept' ? (doubts.drop ? 'unknown' : 'yes') : doubts.accept ? 'unknown' : 'no'
}

/** What is decided for certain, if anything; what may have been decided before stands in `doubts`. */
function walk(chain: Chain, chains: readonly Chain[], packet: Packet, doubts: { accept: boolean; drop: boolean }, depth: number): 'accept' | 'drop' | undefined {
  if (depth > DEEPEST) return undefined
  for (const { conditions, verdict } of chain.rules) {
    const fits = fitting(conditions, packet)
    if (fits === 'no' || verdict.act === 'none' || verdict.act === 'masquerade') continue
    if ('chain' in verdict) {
      const next = chains.find(({ table, name }) => table === chain.table && name === verdict.chain)
      const inner = next && walk(next, chains, packet, doubts, depth + 1)
      if (inner !== undefined && fits === 'yes') return inner
      if (inner !== undefined) doubts[inner] = true
      if (inner === undefined && verdict.act === 'goto' && fits === 'yes') return undefined
    } else if (verdict.act === 'return') {
      if (fits === 'yes') return undefined
    } else if (fits === 'yes') return verdict.act
    else doubts[verdict.act] = true
  }
  return undefined
}

function fitting(conditions: readonly Condition[], packet: Packet): Maybe {
  const answers = conditions.map((condition) => {
    const answer = fits(condition, packet)
    return !condition.not || answer === 'unknown' ? answer : answer === 'yes' ? 'no' : 'yes'
  })
  return answers.includes('no') ? 'no' : answers.includes('unknown') ? 'unknown' : 'yes'
}

function fits(condition: Condition, { port, from }: Packet): Maybe {
  switch (condition.on) {
    case 'protocol':
      return condition.protocols.some((one) => one === 'tcp' || one === '6') ? 'yes' : 'no'
    case 'port':
      if (condition.protocol !== 'tcp' && condition.protocol !== 'th') return 'no'
      return port === undefined ? 'unknown' : condition.ranges.some(([low, high]) => low <= port && port <= high) ? 'yes' : 'no'
    case 'state':
      return condition.states.includes('new') ? 'yes' : 'no'
    case 'interface':
      return condition.names.every((name) => name === 'lo') ? 'no' : 'unknown'
    case 'source':
      return from === undefined ? 'unknown' : among(from, condition.networks)
    case 'other':
      return 'unknown'
  }
}

/** Whether all of one network lies in others; `unknown` where a part of it does. */
function among(network: string, others: readonly string[]): Maybe {
  const [first, last] = ends(network)
  const list = new BlockList()
  for (const other of others) {
    const [address = '', length = '32'] = other.split('/')
    if (isIPv4(address) && Number(length) <= 32) list.addSubnet(address, Number(length), 'ipv4')
  }
  const inside = [first, last].filter((address) => list.check(address, 'ipv4')).length
  if (inside === 2) return 'yes'
  const own = new BlockList()
  own.addRange(first, last, 'ipv4')
  return inside === 1 || others.some((other) => isIPv4(other.split('/')[0]!) && own.check(other.split('/')[0]!, 'ipv4')) ? 'unknown' : 'no'
}

/** First and last address. */
function ends(network: string): [string, string] {
  const [address = '', length = '32'] = network.split('/')
  const number = address.split('.').reduce((sum, byte) => sum * 256 + Number(byte), 0)
  const size = 2 ** (32 - Number(length))
  const first = Math.floor(number / size) * size
  return [dotted(first), dotted(first + size - 1)]
}

function dotted(number: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.')
}
