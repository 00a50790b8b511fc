import type { MachineSeen } from '../../evidence.ts'
import { output, type Run } from './output.ts'

type Forward = NonNullable<MachineSeen['forward']>

/** The filter that all forwarded packets pass; a dropping chain counts before an accepting one. Undefined where nobody may or can tell. */
export async function forwardPolicy(signal: AbortSignal, partly: (why: string) => void, run: Run = output): Promise<Forward | undefined> {
  const tools = [
    { from: 'nft list ruleset', ask: async () => fromNft(await run('nft', ['-j', 'list', 'ruleset'], signal)) },
    { from: 'iptables -S FORWARD', ask: async () => fromIptables(await run('iptables', ['-w', '1', '-S', 'FORWARD'], signal)) },
  ]
  const refused: string[] = []
  for (const { from, ask } of tools) {
    try {
      const policy = await ask()
      if (policy !== undefined) return { policy, from }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') refused.push(`${from}: ${(error as Error).message}`)
    }
  }
  if (refused.length > 0) partly(`forwarding policy: ${refused.join('; ')}`)
  return undefined
}

function fromNft(json: string): string | undefined {
  const { nftables } = JSON.parse(json) as { nftables: readonly { chain?: { hook?: string; type?: string; family?: string; policy?: string } }[] }
  const chains = nftables.flatMap(({ chain }) => (chain?.hook === 'forward' && chain.type === 'filter' && ['ip', 'inet'].includes(chain.family ?? '') ? chain : []))
  const policies = chains.map(({ policy = 'accept' }) => policy.toUpperCase())
  return policies.includes('DROP') ? 'DROP' : policies[0]
}

function fromIptables(rules: string): string | undefined {
  return /^-P FORWARD (\w+)$/m.exec(rules)?.[1]
}
