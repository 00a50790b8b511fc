import type { Command } from '../../command.ts'
import type { HostNetworks } from '../host-networks.ts'
import { isWithin, someAddress } from '../network.ts'
import type { Exposure } from '../state.ts'
import type { Wish } from '../wish.ts'
import type { Packet } from './fits.ts'
import { readRuleset, type Chain, type Table } from './ruleset.ts'
import { TABLE, type Content } from './table.ts'
import { fateIn } from './verdict.ts'

/** Another table's chain that drops what ours lets through: an accept of one table never un-drops for another. */
export interface Obstacle {
  /** `ip filter FORWARD (policy drop)`, in nft's words. */
  readonly chain: string
  /** What does not get through: `guests 10.0.0.0/24 to the outside`. */
  readonly what: string
  /** Whether it certainly does not; else it depends on what cannot be told. */
  readonly certain: boolean
  readonly mend: Command
}

interface Passage {
  readonly for: 'guests' | 'clients'
  readonly what: string
  readonly packet: Packet
  /** The same, as the conditions of a rule. */
  readonly words: RuleWords
}

export interface RuleWords {
  readonly hook: 'input' | 'forward'
  readonly source?: string
  readonly destination?: string
  readonly in?: string
  readonly out?: string
  readonly ports?: readonly number[]
  readonly established?: true
}

/**
 * @param ruleset what `nft -j list ruleset` prints
 * @param words how the host's firewall is told to let something through
 * @param keeps the table of the firewall that lets guests through by rules of its own
 */
export function obstacles(ruleset: string, content: Content, host: HostNetworks, words: (table: Table, chain: Chain, wanted: RuleWords) => Command, keeps?: { readonly family: string; readonly name: string }): Obstacle[] {
  const others = readRuleset(ruleset).filter(({ family, name }) => ['ip', 'inet'].includes(family) && !(family === TABLE[0] && name === TABLE[1]))
  return passages(content, host).flatMap((passage) =>
    others.filter(({ family, name }) => passage.for === 'clients' || family !== keeps?.family || name !== keeps.name).flatMap((table) =>
      table.chains
        .filter(({ type, hook }) => type === 'filter' && hook === passage.packet.hook)
        .flatMap((chain) => {
          const fates = (passage.words.ports ?? [undefined]).map((dport) => fateIn(chain, table, dport === undefined ? passage.packet : { ...passage.packet, dport }))
          if (fates.every((fate) => fate === 'accept')) return []
          return { chain: `${table.family} ${table.name} ${chain.name}`, what: passage.what, certain: fates.includes('drop'), mend: words(table, chain, passage.words) }
        }),
    ),
  )
}

function passages({ opened, exposed }: Content, host: HostNetworks): Passage[] {
  return [...(opened?.guests ?? []).flatMap((network) => ofGuests(network, opened!, host)), ...exposed.flatMap((one) => ofExposure(one, host))]
}

function ofGuests(network: string, { ports, outbound }: Wish, host: HostNetworks): Passage[] {
  const saddr = someAddress(network)
  const own = interfaceTo(saddr, host)
  const inside = own === undefined ? {} : { iifname: own }
  const outside = own === undefined ? {} : { oifname: own }
  return [
    { for: 'guests', what: `guests of ${network} to this host's ports`, packet: { hook: 'input', saddr, ...inside, state: 'new', dnat: false }, words: { hook: 'input', source: network, ports } },
    { for: 'guests', what: `guests of ${network} to the outside`, packet: { hook: 'forward', saddr, ...inside, oifname: outbound, state: 'new', dnat: false }, words: { hook: 'forward', source: network, out: outbound } },
    { for: 'guests', what: `answers from the outside to guests of ${network}`, packet: { hook: 'forward', daddr: saddr, iifname: outbound, ...outside, state: 'established', dnat: false }, words: { hook: 'forward', destination: network, in: outbound, established: true } },
  ]
}

function ofExposure({ to }: Exposure, host: HostNetworks): Passage[] {
  const { address, port } = to
  const own = interfaceTo(address, host)
  const inside = own === undefined ? {} : { iifname: own }
  const outside = own === undefined ? {} : { oifname: own }
  return [
    { for: 'clients', what: `connections to ${address}:${port}`, packet: { hook: 'forward', daddr: address, ...outside, dport: port, state: 'new', dnat: true }, words: { hook: 'forward', destination: address, ports: [port] } },
    { for: 'clients', what: `answers of ${address}:${port}`, packet: { hook: 'forward', saddr: address, ...inside, sport: port, state: 'established', dnat: true }, words: { hook: 'forward', source: address, established: true } },
  ]
}

/** The host's interface in whose network an address lies. */
function interfaceTo(address: string, { interfaces }: HostNetworks): string | undefined {
  return interfaces.find(({ networks }) => networks.some((network) => isWithin(address, network)))?.name
}
