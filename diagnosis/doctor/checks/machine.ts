import { openFor } from '../../causes/dropped.ts'
import { isLoopback } from '../../causes/loopback.ts'
import type { Step } from '../../cause.ts'
import type { MachineSeen } from '../../evidence.ts'
import { AS_ROOT, unseen, type Check, type Warning } from '../check.ts'

/** What guests, users or Trove use on a devstack host; RabbitMQ and host-server have checks of their own. */
const SERVICES: readonly (readonly [name: string, ports: readonly number[]])[] = [
  ['Keystone and Horizon', [80, 443]],
  ['RabbitMQ', [5672, 5671]],
  ['Swift', [8080]],
  ['Cinder', [8776]],
  ['Trove', [8779]],
  ['Neutron', [9696]],
  ['Glance', [9292]],
  ['noVNC', [6080]],
]
const GUESTS: Step = { on: 'host', run: 'trovestrap doctor --guests CIDR', say: "the guests' network, such as 10.0.0.0/24" }
const GB = 1e9
/** Below this an upload or a few instances fill it. */
const LITTLE = { bytes: 2 * GB, share: 0.05 } as const

export const ports: Check = {
  name: 'ports',
  title: 'ports',
  sources: ['machine'],
  causes: ['C5'],
  decides: GUESTS,
  see(facts) {
    const { machine } = facts.evidence
    if (machine === undefined) return unseen(facts, 'machine', AS_ROOT)
    const brokers = (machine.guest_config?.transport?.hosts ?? []).map(({ port }) => port)
    const seen = SERVICES.map(([name, usual]) => ({ name, sockets: machine.listening.filter(({ port }) => usual.includes(port) || (name === 'RabbitMQ' && brokers.includes(port))) }))
    const here = seen.filter(({ sockets }) => sockets.length > 0)
    const away = seen.filter(({ sockets }) => sockets.length === 0).map(({ name }) => name)
    const told = here.map(({ name, sockets }) => `${name} ${[...new Set(sockets.map(({ port }) => port))].join(', ')}`)
    return { state: 'well', text: [...told, ...(away.length === 0 ? [] : [`not here: ${away.join(', ')}`])].join(' · '), warnings: here.flatMap(onlyInside) }
  },
}

/** What listens for this host alone is of no use to guests and users elsewhere. RabbitMQ is tried as a guest, which says more. */
function onlyInside({ name, sockets }: { name: string; sockets: MachineSeen['listening'] }): Warning[] {
  if (name === 'RabbitMQ' || !sockets.every(({ address }) => address !== '0.0.0.0' && address !== '::' && isLoopback(address.replace(/^::ffff:/, '')))) return []
  const [{ address, port }] = sockets as [MachineSeen['listening'][number]]
  return [{ text: `${name} listens on ${address}:${port} alone: nobody outside this host reaches it`, mend: [{ on: 'host', say: `let it listen on an address of this host, or ask it through a web server that does` }] }]
}

export const packetFilter: Check = {
  name: 'forwarding',
  title: 'forwarding',
  sources: ['machine'],
  causes: ['C9'],
  decides: GUESTS,
  see(facts) {
    const { machine } = facts.evidence
    if (machine === undefined) return unseen(facts, 'machine', AS_ROOT)
    const { filter, forwarding, guests } = machine.host ?? {}
    if (filter === undefined) return { state: 'unseen', text: partOf(facts.evidence.looked.machine?.why, 'packet filter') ?? 'the packet filter cannot be read', mend: AS_ROOT, decisive: false }
    const masquerades = filter.masquerades.length === 0 ? 'masquerades nothing' : `masquerades ${filter.masquerades.join(', ')}`
    const lacks = guests === undefined ? [] : [...(forwarding === false ? ['net.ipv4.ip_forward is 0'] : []), ...(filter.masquerades.length === 0 ? [`nothing masquerades ${guests}`] : [])]
    const warnings: Warning[] = lacks.length === 0 ? [] : [{ text: `${lacks.join(', and ')}: guests reach this host, and no registry behind it (I1)`, mend: [openFor(facts)] }]
    return { state: 'well', text: `${filter.forward === 'drop' ? "drops what no rule lets through, and lets guests' packets through" : 'forwards what no rule drops'} · ip_forward ${forwarding === undefined ? 'not known' : forwarding ? 'on' : 'off'} · ${masquerades}`, warnings }
  },
}

export const clock: Check = {
  name: 'clock',
  title: 'clock',
  sources: ['machine'],
  causes: [],
  see(facts) {
    const { machine } = facts.evidence
    const seen = machine?.host?.clock
    if (machine === undefined) return unseen(facts, 'machine', AS_ROOT, false)
    if (seen === undefined) return { state: 'unseen', text: partOf(facts.evidence.looked.machine?.why, 'clock') ?? 'nobody tells whether it follows others', mend: [{ on: 'host', run: 'sudo apt install chrony' }], decisive: false }
    if (seen.synchronised) return { state: 'well', text: `follows others (${seen.from})` }
    return { state: 'well', text: facts.evidence.at, warnings: [{ text: `it follows no other clock (${seen.from}); guests that are a day off are refused (D6)`, mend: [{ on: 'host', run: 'sudo timedatectl set-ntp true' }] }] }
  },
}

export const disk: Check = {
  name: 'disk',
  title: 'disk',
  sources: ['machine'],
  causes: ['N14'],
  see(facts) {
    const { machine } = facts.evidence
    if (machine === undefined) return unseen(facts, 'machine', AS_ROOT, false)
    const disks = machine.host?.disks ?? []
    if (disks.length === 0) return { state: 'absent', text: 'nothing of Glance, Nova, RabbitMQ or host-server lies here' }
    return {
      state: 'well',
      text: disks.map(({ holds, free, size }) => `${(free / GB).toFixed(0)} of ${(size / GB).toFixed(0)} GB free for ${holds.join(', ')}`).join(' · '),
      warnings: disks
        .filter(({ free, size, inodes, inodes_free }) => free < LITTLE.bytes || free < size * LITTLE.share || (inodes > 0 && inodes_free < inodes * LITTLE.share))
        .map(({ mount, holds, free, inodes_free }) => ({ text: `little is left for ${holds.join(', ')}: ${(free / GB).toFixed(1)} GB, ${inodes_free} files`, mend: [{ on: 'host', run: `df -h ${mount}` }] })),
    }
  },
}

/** The part of a collector's reasons that begins so. */
function partOf(why: string | undefined, beginning: string): string | undefined {
  return why?.split('; ').find((part) => part.startsWith(`${beginning}: `))?.slice(beginning.length + 2)
}
