import { FOREIGN_AGENT_UNITS, GUEST, UNITS } from '../../contract/paths.ts'
import { readText, stat, type Tree } from '../tree.ts'
import { readAccounts, type Accounts } from './read-accounts.ts'
import { readCloudConfig, type CloudConfig } from './cloud-config.ts'
import type { CheckFacts } from './finding.ts'
import { readUnit, type Unit } from './unit.ts'

/** An image with what several checks need to know about it, read once. */
export interface Look {
  readonly tree: Tree
  readonly facts: CheckFacts
  /** Whose agent the image starts: that of our daemon, one of its own, or none. */
  readonly agent: 'ours' | 'foreign' | 'none'
  /** Units by which the image would run an agent of its own, masked ones among them. */
  readonly foreignUnits: readonly Unit[]
  readonly accounts: Accounts
  /** What the builder left for the daemon; undefined when it is missing or no JSON. */
  readonly guestConfig?: GuestConfigSeen | undefined
  readonly cloud: CloudConfig
}

/** Read loosely: what is wrong with it is a finding, no exception. */
export interface GuestConfigSeen {
  readonly token?: string | undefined
  readonly agentUser?: string | undefined
}

const OURS = [GUEST.buildRecord, GUEST.node, GUEST.config, `/etc/systemd/system/${UNITS.guest}`]

/** @param tree is only read */
export async function lookAt(tree: Tree, facts: CheckFacts): Promise<Look> {
  const ours = await Promise.all(OURS.map((path) => stat(tree, path)))
  const foreign = (await Promise.all(FOREIGN_AGENT_UNITS.map((name) => foreignUnit(tree, name)))).filter((unit) => unit !== undefined)
  return {
    tree,
    facts,
    agent: ours.some((node) => node) ? 'ours' : foreign.length > 0 ? 'foreign' : 'none',
    foreignUnits: foreign,
    accounts: await readAccounts(tree),
    guestConfig: guestConfig(await readText(tree, GUEST.config, 65_536)),
    cloud: await readCloudConfig(tree),
  }
}

/** systemd makes a unit of an init script by itself. */
async function foreignUnit(tree: Tree, name: string): Promise<Unit | undefined> {
  const unit = await readUnit(tree, name)
  return unit.path !== undefined || unit.enabled || (await stat(tree, initScript(name))) ? unit : undefined
}

export const initScript = (unit: string): string => `/etc/init.d/${unit.replace(/\.service$/, '')}`

function guestConfig(text: string | undefined): GuestConfigSeen | undefined {
  try {
    const value: unknown = JSON.parse(text ?? '')
    if (value === null || typeof value !== 'object') return undefined
    const { token, agent } = value as { token?: unknown; agent?: unknown }
    const user: unknown = agent !== null && typeof agent === 'object' && 'user' in agent ? agent.user : undefined
    return { token: typeof token === 'string' ? token : undefined, agentUser: typeof user === 'string' ? user : undefined }
  } catch {
    return undefined
  }
}
