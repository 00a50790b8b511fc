import type { HostSeen } from '../../host-seen.ts'
import { fromIptables } from './iptables-ruleset.ts'
import { fromNft } from './nft-ruleset.ts'
import { output, type Run } from './output.ts'
import { masqueraded, passes, policyAt, type Chain } from './ruleset.ts'

type Filter = NonNullable<HostSeen['filter']>

/** What becomes of guests' packets at this host; undefined where nobody may or can tell. @param needed TCP ports of this host that guests have to reach */
export async function filterSeen({ needed, guests }: { needed: readonly number[]; guests?: string }, signal: AbortSignal, partly: (why: string) => void, run: Run = output): Promise<Filter | undefined> {
  const tools = [
    { from: 'nft list ruleset', ask: async () => withForeign(fromNft(await run('nft', ['-j', 'list', 'ruleset'], signal)), async () => fromIptables(await run('iptables-save', [], signal))) },
    { from: 'iptables-save', ask: async () => fromIptables(await run('iptables-save', [], signal)) },
  ]
  const refused: string[] = []
  let empty: Filter | undefined
  for (const { from, ask } of tools) {
    try {
      const chains = await ask()
      if (chains.length > 0) return judged(from, chains, needed, guests)
      // Rules of the older iptables are none of nftables'.
      empty ??= judged(from, chains, needed, guests)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') refused.push(`${from}: ${(error as Error).message}`)
    }
  }
  if (empty !== undefined) return empty
  partly(`packet filter: ${refused.length === 0 ? 'neither nft nor iptables-save is here' : refused.join('; ')}`)
  return undefined
}

/** nft shows some of iptables' rules by their name alone; the tables with those are taken from iptables' own listing, where there is one. */
async function withForeign(chains: readonly Chain[], ask: () => Promise<Chain[]>): Promise<readonly Chain[]> {
  const foreign = new Set(chains.filter(({ rules }) => rules.some(({ conditions }) => conditions.some((one) => one.on === 'other' && one.foreign === true))).map(({ table }) => table))
  if (foreign.size === 0) return chains
  const told = (await ask().catch(() => [])).filter(({ table }) => foreign.has(`ip ${table}`))
  const known = new Set(told.map(({ table }) => `ip ${table}`))
  return [...chains.filter(({ table }) => !known.has(table)), ...told]
}

function judged(from: string, chains: readonly Chain[], needed: readonly number[], guests: string | undefined): Filter {
  const packet = guests === undefined ? {} : { from: guests }
  return {
    from,
    input: policyAt(chains, 'input'),
    forward: policyAt(chains, 'forward'),
    closed: needed.flatMap((port) => {
      const open = passes(chains, 'input', { ...packet, port })
      return open === 'yes' ? [] : [{ port, open }]
    }),
    forwards: passes(chains, 'forward', packet),
    masquerades: masqueraded(chains),
  }
}
