import type { NovaServer } from '../../openstack/nova.ts'
import type { TroveInstance } from '../../openstack/trove.ts'
import { TASKS } from '../../openstack/trove-words.ts'
import { plainAddress } from '../plain-address.ts'

/** What somebody says of itself who wants to enrol. */
export interface Claim {
  readonly instance: string
  /** Where the request comes from. */
  readonly address: string
  /** Glance image that the token is bound to. */
  readonly image?: string
}

/** `why` is one line for people. It goes to whoever asks, so it names no address, image or server that the claim did not name. */
export type Verdict = { readonly verdict: 'attested'; readonly server: string } | { readonly verdict: 'refused' | 'undecided'; readonly why: string }

/** What OpenStack says of it. */
export interface Seen {
  /** Absent where Trove has none of that id. */
  readonly instance?: TroveInstance
  /** The one that Trove names; absent where Nova has none of that id. */
  readonly server?: NovaServer
  /** Fixed and floating, of all ports of that server, as Neutron writes them. */
  readonly addresses: readonly string[]
}

/**
 * Tasks in which a guest may be seen for the first time. BUILDING is also the task of `rebuild`, which takes the guest's disk and with it its
 * credential. The timeout is what becomes of an instance whose agent was not heard for half an hour: its guest goes on once the cause is
 * mended, and may have been waiting to enrol all the time. Restart, resize and migration keep the disk, and an upgrade changes a container:
 * there a guest has its credential.
 */
const COMES_UP = [TASKS['The instance is building.'], TASKS['Build error: guestagent timeout.']]

/** Server states in which the guest can be running what Trove made it to run. A rescued server runs another image. */
const RUNS = ['BUILD', 'ACTIVE', 'REBUILD']

/** Whether OpenStack agrees with what an instance says of itself. Pure. */
export function judge(claim: Claim, { instance, server, addresses }: Seen): Verdict {
  const { instance: id } = claim
  if (instance === undefined || instance.id !== id || instance.deleted === true) return refused(id, `Trove knows no instance ${id}`)
  if (!comesUp(instance)) return refused(id, `instance ${id} is not being built: Trove says ${instance.task_description ?? 'nothing of its task'} (${instance.status ?? 'no status'})`)
  if (instance.server_id == null) return refused(id, `instance ${id} has no server yet`)
  if (server === undefined || server.id !== instance.server_id) return refused(id, `Nova has no more the server of instance ${id}`)
  if (!RUNS.includes(server.status)) return refused(id, `the server of instance ${id} is ${server.status} in Nova: expected ${RUNS.join(', ')}`)
  if (!addresses.includes(plainAddress(claim.address))) return refused(id, `${plainAddress(claim.address)} is no address of the server of instance ${id}`)
  return judgeImage(claim, server)
}

function judgeImage({ instance: id, image }: Claim, server: NovaServer): Verdict {
  if (image === undefined) return { verdict: 'attested', server: server.id }
  const booted = typeof server.image === 'object' ? server.image?.id : undefined
  if (booted === undefined) return { verdict: 'undecided', why: `its token is for image ${image} alone, and Nova does not say which image a server boots that boots from a volume; ${letIn(id)}` }
  if (booted !== image) return refused(id, `its token is for image ${image} alone, and its server boots from another`)
  return { verdict: 'attested', server: server.id }
}

/** Trove without the task's text still has BUILD, which is the task BUILDING and nothing else. */
export function comesUp({ task_description: task, status }: TroveInstance): boolean {
  return task == null ? status === 'BUILD' : COMES_UP.includes(TASKS[task])
}

function refused(id: string, what: string): Verdict {
  return { verdict: 'refused', why: `${what}; ${letIn(id)}` }
}

/** What the operator types who knows better. */
export function letIn(instance: string): string {
  return `on the host, if it is to be let in: trovestrap approve ${instance}`
}
