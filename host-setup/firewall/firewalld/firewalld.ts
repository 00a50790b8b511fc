import type { Step } from '../../command.ts'
import { HostError } from '../../host-error.ts'
import { CommandError, type Run } from '../../run-command.ts'
import type { Backend } from '../backend.ts'
import type { Wish } from '../wish.ts'
import { policySteps, readPolicy, type Policy } from './policy.ts'

/** What guests may do with this host, and what they may send through it. */
const IN = 'trovestrap-in'
const OUT = 'trovestrap-out'

/**
 * Two policies of our own, bound by the guests' addresses. Not a zone: a zone with sources would take guests out of the zone they are in,
 * and with that from them what it lets through. firewalld keeps policies itself, also over a reboot; it knows them from 0.9 on.
 */
export const firewalld: Backend = {
  name: 'firewalld',
  table: 'masquerade',
  keeps: { family: 'inet', name: 'firewalld' },
  isActive: (run) => run({ program: 'firewall-cmd', args: ['--state'] }).then((said) => said.trim() === 'running', () => false),
  async steps(wish, run) {
    const wanted = wish === undefined ? undefined : await policiesFor(wish, run)
    const changes = [...policySteps(IN, await policy(IN, run), wanted?.in), ...policySteps(OUT, await policy(OUT, run), wanted?.out)]
    if (changes.length === 0) return []
    await refuseLoss(run)
    return [CHECK, ...changes, { program: 'firewall-cmd', args: ['--reload'] }, ...(wish === undefined ? [FORGET] : [])]
  },
}

/** First, so that when it is undone, last, what runs is as what is kept. */
const CHECK: Step = { program: 'firewall-cmd', args: ['--check-config'], undo: { program: 'firewall-cmd', args: ['--reload'] } }

/** firewalld keeps what a policy was before its last change. */
const FORGET: Step = { program: 'rm', args: ['-f', ...[IN, OUT].map((name) => `/etc/firewalld/policies/${name}.xml.old`)] }

async function policiesFor({ guests, outbound, ports }: Wish, run: Run): Promise<{ in: Policy; out: Policy }> {
  const from = (network: string): string => `rule family="ipv4" source address="${network}"`
  return {
    in: { ingress: ['ANY'], egress: ['HOST'], rules: guests.flatMap((network) => ports.map((port) => `${from(network)} port port="${port}" protocol="tcp" accept`)).sort() },
    out: { ingress: ['ANY'], egress: [await zoneOf(outbound, run)], rules: guests.map((network) => `${from(network)} accept`).sort() },
  }
}

/** A zone that no interface is bound to is never asked, also where it is the default: ANY is. */
async function zoneOf(outbound: string, run: Run): Promise<string> {
  const zone = await orNothing(run({ program: 'firewall-cmd', args: ['--get-zone-of-interface', outbound] }))
  return zone === undefined || !/^[\w-]+$/.test(zone.trim()) ? 'ANY' : zone.trim()
}

async function policy(name: string, run: Run): Promise<Policy | undefined> {
  const info = await orNothing(run({ program: 'firewall-cmd', args: ['--permanent', '--info-policy', name] }))
  return info === undefined ? undefined : readPolicy(info)
}

/** firewall-cmd ends with a code of its own where there is no such thing. */
async function orNothing(asked: Promise<string>): Promise<string | undefined> {
  try {
    return await asked
  } catch (error) {
    if (error instanceof CommandError && typeof error.code === 'number') return undefined
    throw error
  }
}

/** New policies run after a reload, and a reload forgets what runs and is not kept. @throws HostError where somebody would lose something */
async function refuseLoss(run: Run): Promise<void> {
  for (const what of ['--list-all-zones', '--list-all-policies']) {
    const [running, kept] = await Promise.all([run({ program: 'firewall-cmd', args: [what] }), run({ program: 'firewall-cmd', args: ['--permanent', what] })])
    if (comparable(running) !== comparable(kept)) {
      throw new HostError(`firewalld runs with changes that it has not kept (${what} and --permanent ${what} differ); the reload that our policies need would lose them\n  firewall-cmd --runtime-to-permanent      keeps them\n  firewall-cmd --reload                    drops them`)
    }
  }
}

/** Without what says only that it runs: interfaces stay in their zones over a reload. Blocks by name: one that was made while it runs stands elsewhere. */
function comparable(listing: string): string {
  return listing
    .split('\n\n')
    .map((block) => block.split('\n').map((line) => line.trim().replace(/ \([a-z, ]*active[a-z, ]*\)$| \(default\)$/, '')).filter((line) => line !== '' && !line.startsWith('interfaces:')).join('\n'))
    .filter((block) => block !== '')
    .sort()
    .join('\n\n')
}
