import type { Step } from '../../cause.ts'
import type { Source } from '../../evidence.ts'
import type { Facts } from '../../facts.ts'
import { unseen, type Check, type Seen } from '../check.ts'

/** A cloud that nobody named is not looked at, and that decides nothing; one that was named and does not answer does. */
const NO_CLOUD = /^no clouds\.yaml/

const AS_ADMIN: readonly Step[] = [{ on: 'cloud', run: 'export OS_CLOUD=NAME', say: 'of an admin; NAME stands in clouds.yaml' }]
const ANSWERS: readonly Step[] = [{ on: 'cloud', run: 'openstack token issue', say: 'tells whether it answers at all; then again: trovestrap doctor' }]

function notAsked(facts: Facts, source: Source): Seen {
  const why = facts.evidence.looked[source]?.why ?? ''
  return unseen(facts, source, NO_CLOUD.test(why) || /admin/.test(why) ? AS_ADMIN : ANSWERS, !NO_CLOUD.test(why))
}

export const login: Check = {
  name: 'login',
  title: 'OpenStack',
  sources: ['trove'],
  causes: [],
  see(facts) {
    const seen = facts.evidence.trove?.login
    if (seen === undefined) return notAsked(facts, 'trove')
    return seen.admin ? { state: 'well', text: `admin of project ${seen.project}` } : { state: 'unseen', text: `project ${seen.project}, without the role admin: what Trove does for others is not seen`, mend: AS_ADMIN, decisive: true }
  },
}

export const datastores: Check = {
  name: 'datastores',
  title: 'datastores',
  sources: ['trove'],
  causes: ['N10'],
  see(facts) {
    const versions = facts.evidence.trove?.versions
    if (versions === undefined) return notAsked(facts, 'trove')
    return { state: 'well', text: versions.filter(({ active }) => active).map((one) => `${one.datastore} ${one.version}${one.default ? ' (default)' : ''}: image ${one.image?.name ?? one.image?.id}`).join(' · ') }
  },
}

export const flavors: Check = {
  name: 'flavors',
  title: 'flavors',
  sources: ['nova', 'trove'],
  causes: ['N5'],
  see(facts) {
    const { nova, trove } = facts.evidence
    if (nova?.flavors === undefined) return notAsked(facts, 'nova')
    const needs = (trove?.versions ?? []).flatMap(({ active, image }) => (active && image ? [image] : []))
    const [disk, ram] = [Math.max(0, ...needs.map((one) => one.disk)), Math.max(0, ...needs.map((one) => one.ram))]
    const large = nova.flavors.filter((one) => (one.disk === 0 || one.disk >= disk) && one.ram >= ram)
    return { state: 'well', text: `${large.map(({ name }) => name).slice(0, 6).join(', ') || 'none'} ${large.length === 1 ? 'holds' : 'hold'} every image (${disk} GiB disk, ${ram} MiB memory)` }
  },
}

export const nova: Check = {
  name: 'nova',
  title: 'Nova',
  sources: ['nova'],
  causes: ['N11'],
  see(facts) {
    const services = facts.evidence.nova?.services
    if (services === undefined) return notAsked(facts, 'nova')
    const down = services.filter(({ state, status }) => state !== 'up' || status !== 'enabled')
    return {
      state: 'well',
      text: services.filter((one) => !down.includes(one)).map(({ binary, host }) => `${binary} on ${host}`).join(' · '),
      warnings: down.map(({ binary, host, state, status }) => ({ text: `${binary} on ${host}: ${state}, ${status}`, mend: [{ on: 'host', run: `systemctl start ${binary}`, say: `on ${host}` }] })),
    }
  },
}

export const neutron: Check = {
  name: 'neutron',
  title: 'Neutron',
  sources: ['neutron'],
  causes: ['N12'],
  see(facts) {
    const agents = facts.evidence.neutron?.agents
    if (agents === undefined) return notAsked(facts, 'neutron')
    return { state: 'well', text: agents.length === 0 ? 'answers; its plugin has no agents' : `${agents.filter(({ alive }) => alive).map(({ type, host }) => `${type} on ${host}`).join(' · ')}` }
  },
}

export const quota: Check = {
  name: 'quota',
  title: 'quota',
  sources: ['nova', 'neutron'],
  causes: ['N3'],
  see(facts) {
    const { nova, neutron } = facts.evidence
    const quotas = [...(nova?.quotas ?? []), ...(neutron?.quotas ?? [])]
    const [first] = quotas
    if (nova?.quotas === undefined || first === undefined) return notAsked(facts, 'nova')
    return { state: 'well', text: `project ${first.project}: ${quotas.map(({ resource, limit, used }) => `${used} of ${limit < 0 ? 'any number of' : limit} ${resource === 'ram' ? 'MiB' : resource}`).join(', ')}` }
  },
}
