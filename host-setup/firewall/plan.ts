import { createHash } from 'node:crypto'
import { typed, type Command, type Step } from '../command.ts'
import { CommandError, type Run } from '../run-command.ts'
import { backendOf, type Backend } from './backend.ts'
import type { HostNetworks } from './host-networks.ts'
import { forwardSteps } from './ip-forward.ts'
import { letThrough } from './nftables/let-through.ts'
import { obstacles, type Obstacle } from './nftables/obstacles.ts'
import { DELETE_TABLE, isEmpty, loadScript, TABLE, tableText, type Content } from './nftables/table.ts'
import type { FirewallState } from './state.ts'

/** What the host looks like to a plan. */
export interface Host {
  readonly run: Run
  readonly networks: HostNetworks
  /** net.ipv4.ip_forward. */
  readonly ipForward: string
}

/** What should be so: opened for guests, and exposed. */
export type Target = Pick<FirewallState, 'opened' | 'exposed'>

export interface Plan {
  readonly steps: readonly Step[]
  /** What others' chains drop although it is opened here, once the steps are done. */
  readonly obstacles: readonly Obstacle[]
  /** What is remembered from then on, but for how the table is listed. */
  readonly state: FirewallState
  readonly content: Content
}

/**
 * What is left to do from what is there, which is looked at, to what should be.
 * @throws HostError, CommandError where it cannot be looked at
 */
export async function planFirewall(target: Target, before: FirewallState, host: Host): Promise<Plan> {
  const { opened, exposed } = target
  const backend = opened && backendOf(opened.backend)
  const content: Content = { ...(opened && { opened, masqueradeOnly: backend!.table === 'masquerade' }), exposed }
  const forward = forwardSteps(opened !== undefined || exposed.length > 0, host.ipForward, before)
  const others = await backendSteps(target, before, backend, host.run)
  const table = await tableSteps(content, before, host.run)
  return {
    // firewalld switches forwarding on as well: what it was is looked at before, and put back last.
    steps: opened ? [...forward.steps, ...others, ...table] : [...table, ...others, ...forward.steps],
    obstacles: isEmpty(content) ? [] : await obstaclesTo(content, backend, host),
    state: { ...(opened && { opened }), exposed, ...forward.before },
    content,
  }
}

async function backendSteps({ opened }: Target, before: FirewallState, backend: Backend | undefined, run: Run): Promise<Step[]> {
  const former = before.opened && backendOf(before.opened.backend)
  return [...(former && former !== backend ? await former.steps(undefined, run) : []), ...(backend ? await backend.steps(opened, run) : [])]
}

async function tableSteps(content: Content, before: FirewallState, run: Run): Promise<Step[]> {
  const listing = await listTable(run)
  const restore: Command = listing === undefined ? DELETE_TABLE : { program: 'nft', args: ['-f', '-'], input: `delete table ${TABLE.join(' ')}\n${listing}` }
  if (isEmpty(content)) return listing === undefined ? [] : [{ ...DELETE_TABLE, undo: { program: 'nft', args: ['-f', '-'], input: listing } }]
  if (listing !== undefined && before.table?.asked === digest(tableText(content)) && before.table.listed === digest(listing)) return []
  return [{ program: 'nft', args: ['-f', '-'], input: loadScript(content), undo: restore }]
}

/** Our table as nft prints it, without counters; undefined where there is none. */
export async function listTable(run: Run): Promise<string | undefined> {
  try {
    return await run({ program: 'nft', args: ['-s', 'list', 'table', ...TABLE] })
  } catch (error) {
    if (error instanceof CommandError && error.message.includes('No such file or directory')) return undefined
    throw error
  }
}

async function obstaclesTo(content: Content, backend: Backend | undefined, { run, networks }: Host): Promise<Obstacle[]> {
  return obstacles(await run({ program: 'nft', args: ['-j', 'list', 'ruleset'] }), content, networks, letThrough, backend?.keeps)
}

export function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

/** All of a plan, as it would be typed. */
export function typedSteps({ steps }: Plan): string[] {
  return steps.map(typed)
}
