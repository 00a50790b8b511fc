import type { Cause, Proof, Step } from '../cause.ts'
import type { NeutronSeen, NovaSeen } from '../evidence.ts'
import { safeWord } from './safe-word.ts'

type Service = NonNullable<NovaSeen['services']>[number]
type Agent = NonNullable<NeutronSeen['agents']>[number]

/** Without one of each no server is made. */
const BINARIES = ['nova-conductor', 'nova-scheduler', 'nova-compute'] as const

/** N11 */
export const novaServiceDown: Cause = {
  id: 'N11',
  name: 'nova-service-down',
  title: 'a service of Nova without which no server is made is down, disabled, or was never there',
  phase: 'control-plane',
  shows: 'servers end in ERROR with "No valid host was found", or stay in BUILD; openstack compute service list shows it down',
  needs: ['nova'],
  mend: 'systemctl start nova-compute; openstack compute service set --enable HOST nova-compute',
  find({ evidence: { nova } }) {
    const services = nova?.services
    if (services === undefined) return undefined
    const missing = BINARIES.filter((binary) => !services.some((one) => one.binary === binary && works(one)))
    if (missing.length === 0) return undefined
    const there = services.filter(({ binary }) => (missing as readonly string[]).includes(binary))
    return {
      what: `no ${missing.join(', no ')} works`,
      proof: there.length === 0 ? [{ source: 'nova', where: 'os-services', text: `no ${missing.join(', no ')}` }] : there.slice(0, 4).map(stateOf),
      mend: missing.flatMap((binary) => wakened(binary, there.find((one) => one.binary === binary))),
    }
  },
}

const works = ({ state, status }: Service): boolean => state === 'up' && status === 'enabled'

function stateOf({ binary, host, state, status }: Service): Proof {
  return { source: 'nova', where: 'os-services', text: `${binary} on ${host}: ${state}, ${status}` }
}

function wakened(binary: string, service: Service | undefined): Step[] {
  const host = safeWord(service?.host)
  const enabled: Step[] = service?.status === 'disabled' && host !== undefined ? [{ on: 'cloud', run: `openstack compute service set --enable ${host} ${binary}` }] : []
  return service?.state === 'up' ? enabled : [{ on: 'host', run: `systemctl start ${binary}`, ...(host === undefined ? {} : { say: `on ${host}` }) }, ...enabled]
}

/** N12 */
export const neutronAgentDead: Cause = {
  id: 'N12',
  name: 'neutron-agent-dead',
  title: 'an agent of Neutron that wires ports or gives them addresses is not alive',
  phase: 'control-plane',
  shows: 'ports stay DOWN or get binding_failed, or guests get no address; openstack network agent list shows it as not alive',
  needs: ['neutron'],
  mend: 'systemctl start neutron-dhcp-agent, or the agent that is named',
  find({ evidence: { neutron } }) {
    const dead = (neutron?.agents ?? []).filter(({ type, alive }) => !alive && matters(type))
    if (dead.length === 0) return undefined
    return {
      what: `Neutron's ${dead.map(({ type, host }) => `${type} on ${host}`).join(', ')} ${dead.length === 1 ? 'is' : 'are'} not alive`,
      proof: dead.slice(0, 4).map(({ type, host, enabled }) => ({ source: 'neutron', where: 'agents', text: `${type} on ${host}: not alive${enabled ? '' : ', disabled'}` })),
      mend: dead.map(revived),
    }
  },
}

/** Metering and the like keep nobody from the network. */
const matters = (type: string): boolean => /DHCP|L3|Open vSwitch|Linux bridge|OVN|Metadata|L2/i.test(type)

const UNITS: readonly (readonly [RegExp, string])[] = [
  [/DHCP/i, 'neutron-dhcp-agent'],
  [/L3/i, 'neutron-l3-agent'],
  [/OVN Metadata/i, 'neutron-ovn-metadata-agent'],
  [/OVN/i, 'ovn-controller'],
  [/Open vSwitch/i, 'neutron-openvswitch-agent'],
  [/Linux bridge/i, 'neutron-linuxbridge-agent'],
  [/Metadata/i, 'neutron-metadata-agent'],
]

function revived({ type, host }: Agent): Step {
  const unit = UNITS.find(([pattern]) => pattern.test(type))?.[1]
  return { on: 'host', ...(unit === undefined ? { say: `start the ${type} on ${host}` } : { run: `systemctl start ${unit}`, say: `on ${host}` }) }
}
