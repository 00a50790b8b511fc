import type { GuestSeen } from '../../evidence.ts'
import type { LookResult } from './look.ts'

/** What has to be there to its end before a field says something, also when it is empty. */
const SECTIONS = {
  units: ['units'],
  journals: ['journal-daemon', 'journal-agent', 'journal-boot', 'kernel'],
  logs: ['logs', 'cloud-init-log'],
  config: ['config', 'unreadable'],
  files: ['files'],
  cloud_init: ['texts'],
  accounts: ['texts'],
  nameservers: ['texts'],
  addresses: ['addresses'],
  routes: ['routes'],
  devices: ['devices'],
  disks: ['disks'],
  agent_sudo: ['agent-sudo'],
  docker: ['end-aside'],
  probes: ['probes'],
  paths: ['paths'],
} as const satisfies Partial<Record<keyof GuestSeen, readonly string[]>>

/** Fields that were not seen, or not all of it. Without root an empty journal is one that may not be read. */
export function unseenOf({ sections, whole, sudo }: LookResult): string[] {
  const unreadable = (sections.get('unreadable') ?? '').trim() !== ''
  const asRoot = sudo?.ok === true || sections.get('who')?.startsWith('root ') === true
  return Object.entries(SECTIONS).flatMap(([field, needed]) => {
    if (!needed.every((name) => whole.has(name))) return [field]
    if (field === 'config' && unreadable) return [field]
    return !asRoot && ['journals', 'logs', 'agent_sudo', 'docker'].includes(field) ? [field] : []
  })
}
