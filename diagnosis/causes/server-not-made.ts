import type { Cause, Proof, Step } from '../cause.ts'
import type { Facts } from '../facts.ts'
import { gaveUp, QUOTA, TOO_LARGE } from './failed-to-create.ts'
import { safeWord } from './safe-word.ts'
import { MAKE_AGAIN } from './trove-option.ts'

/** trove/instance/tasks.py */
const FAILED: Readonly<Record<number, string>> = { 0x50: 'DNS record', 0x51: 'server', 0x52: 'volume', 0x53: 'security group', 0x54: 'replica', 0x5c: 'port' }

/** N2 */
export const partNotMade: Cause = {
  id: 'N2',
  name: 'cloud-part-not-made',
  title: 'port, security group, volume, server or DNS record could not be made',
  phase: 'control-plane',
  shows: "Trove's task is a build error other than guestagent timeout; instance_faults says which call failed",
  needs: ['trove'],
  symptomOf: ['N3', 'N5'],
  mend: 'what the text of the fault says; then create the instance again',
  find(facts) {
    const task = facts.evidence.trove?.instance?.task
    const part = task === undefined ? undefined : FAILED[task]
    if (part === undefined) return undefined
    const stands: Proof = { source: 'trove', where: 'instances', text: `task 0x${task!.toString(16)}: ${part} not made` }
    const why = gaveUp(facts)
    if (!why) return { undecided: `Trove could not make the ${part}; why is not known`, wants: ['trove_logs', 'nova'], proof: [stands] }
    return { what: `the ${part} of this instance could not be made`, proof: [why, stands], mend: [{ on: 'cloud', say: `mend what the fault says about the ${part}` }, MAKE_AGAIN] }
  },
}

/** N3 */
export const quota: Cause = {
  id: 'N3',
  name: 'service-quota',
  title: "a quota of the project in which Trove's servers live is used up",
  phase: 'control-plane',
  shows: 'a fault with the word quota, from Nova, Cinder or Neutron',
  needs: ['trove', 'trove_logs', 'nova'],
  mend: "raise the service project's quota: openstack quota set",
  ahead({ evidence: { nova, neutron } }) {
    const used = [...(nova?.quotas ?? []), ...(neutron?.quotas ?? [])].filter(({ limit, used }) => limit >= 0 && used >= limit)
    const [first] = used
    return first && {
      what: `project ${first.project} has no ${used.map(({ resource }) => resource).join(', ')} left for a new instance`,
      proof: used.map(({ resource, limit, used }) => ({ source: resource === 'ports' ? 'neutron' : 'nova', where: 'quota', text: `${resource}: ${used} of ${limit} used` })),
      mend: used.flatMap(({ project, resource, limit }) => raise(project, resource, limit)),
    }
  },
  find(facts) {
    const why = notUp(facts) ? gaveUp(facts, QUOTA) : undefined
    if (!why) return undefined
    return {
      what: "a quota of Trove's own project, in which the servers of all guests live, is used up",
      proof: [why],
      mend: [{ on: 'cloud', say: "raise it for the project of Trove's service user (`openstack quota show --usage PROJECT`, then `openstack quota set`), not for the user's project" }, MAKE_AGAIN],
    }
  },
}

/** Twice as much: an instance at a time is not what anybody wants. */
function raise(project: string, resource: string, limit: number): Step[] {
  const who = safeWord(project)
  return who === undefined ? [] : [{ on: 'cloud', run: `openstack quota set --${resource} ${Math.max(limit * 2, 10)} ${who}` }]
}

/** N5 */
export const sizes: Cause = {
  id: 'N5',
  name: 'image-too-large',
  title: 'image, flavour and image store do not fit one another',
  phase: 'control-plane',
  shows: "`Flavor's disk is too small for requested image`, `413 Request Entity Too Large`",
  needs: ['trove', 'trove_logs', 'nova'],
  mend: 'a larger flavour, or a smaller image',
  ahead({ evidence: { trove, nova } }) {
    const { flavors } = nova ?? {}
    const large = (trove?.versions ?? []).find(({ active, image }) => active && image !== undefined && flavors?.every(({ disk, ram }) => (disk !== 0 && disk < image.disk) || ram < image.ram))
    if (flavors === undefined || large?.image === undefined) return undefined
    const { disk, ram } = large.image
    return {
      what: `no flavour is large enough for the image of ${large.datastore} ${large.version}`,
      proof: [
        { source: 'trove', where: `image ${large.image.name ?? large.image.id}`, text: `${disk} GiB disk, ${ram} MiB memory at least` },
        { source: 'nova', where: 'flavors', text: flavors.length === 0 ? 'none' : flavors.slice(0, 8).map((one) => `${one.name}: ${one.disk} GiB, ${one.ram} MiB`).join('; ') },
      ],
      mend: [{ on: 'cloud', run: `openstack flavor create trovestrap --vcpus 1 --disk ${Math.max(disk, 5)} --ram ${Math.max(ram, 1024)}` }],
    }
  },
  find(facts) {
    const why = notUp(facts) ? gaveUp(facts, TOO_LARGE) : undefined
    const flavor = facts.evidence.nova?.server?.flavor?.name
    return why && { what: `the image does not fit the flavour${flavor === undefined ? '' : ` "${flavor}"`} or the image store`, proof: [why], mend: [{ on: 'cloud', say: 'create the instance again with a flavour whose disk holds the image' }] }
  },
}

/** N4 */
export const serverError: Cause = {
  id: 'N4',
  name: 'nova-server-error',
  title: "Nova's server is in ERROR, although Trove says guestagent timeout",
  phase: 'control-plane',
  shows: '`Server not active, status: ERROR` in instance_faults; the server is in ERROR',
  needs: ['trove', 'nova', 'trove_logs'],
  symptomOf: ['N3', 'N5'],
  mend: "what Nova's fault says",
  find(facts) {
    const server = facts.evidence.nova?.server
    const said = notUp(facts) ? gaveUp(facts, /^(?:.*error: )?Server not active/) : undefined
    const inError: Proof | undefined = server?.status === 'ERROR' ? { source: 'nova', where: `Nova, server ${server.id}`, text: `ERROR: ${server.fault?.message ?? 'without a reason'}` } : undefined
    const proof = [inError, said].filter((one) => one !== undefined)
    if (proof.length === 0) return undefined
    const reason = server?.fault?.message ?? /fault message: (.*)$/.exec(said?.text ?? '')?.[1]
    return {
      what: `Nova could not run the server${reason === undefined ? '' : `: ${reason.slice(0, 200)}`}; the guest agent has nothing to do with it`,
      proof,
      mend: [{ on: 'cloud', ...(server && /^[0-9a-f-]{36}$/.test(server.id) ? { run: `openstack server show ${server.id} -c fault` } : { say: "mend what Nova's fault says" }) }, MAKE_AGAIN],
    }
  },
}

function notUp({ healthy, agentConnected }: Facts): boolean {
  return healthy !== true && agentConnected !== true
}
