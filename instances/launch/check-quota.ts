import { printable } from '../../contract/printable.ts'
import type { NovaLimits } from '../../openstack/nova/limits.ts'
import type { Flavor } from '../../openstack/trove/datastores.ts'
import type { Quota } from '../../openstack/trove/quotas.ts'
import { Refusal } from '../refusal.ts'

const UNITS: Readonly<Record<string, string>> = { instances: '', ram: ' MiB', volumes: ' GiB' }

/** @param size GiB of the volume @throws Refusal where Trove would refuse for its own quota */
export function checkTroveQuota(quotas: readonly Quota[], project: { readonly name: string; readonly id: string }, flavor: Flavor, size: number | undefined): void {
  const wanted: Readonly<Record<string, number>> = { instances: 1, ram: flavor.ram, volumes: size ?? 0 }
  for (const { resource, in_use, reserved, limit } of quotas) {
    const more = Object.hasOwn(wanted, resource) ? wanted[resource]! : 0
    const [used, unit] = [in_use + reserved, UNITS[resource] ?? '']
    if (more === 0 || limit < 0 || used + more <= limit) continue
    throw new Refusal(`Trove's quota of ${resource} for project ${printable(project.name)} is used up: ${used} of ${limit}${unit} are taken, and ${more}${unit} more are wanted.\n  openstack database quota update ${project.id} ${resource} ${used + more}      as an admin`)
  }
}

/** What Nova would refuse. Only said: Trove makes its servers in a project of its own, unless it is configured otherwise. */
export function novaShortage({ maxTotalInstances, totalInstancesUsed, maxTotalCores, totalCoresUsed, maxTotalRAMSize, totalRAMUsed }: NovaLimits, project: string, flavor: Flavor): string[] {
  const rows: [string, number, number, number][] = [
    ['servers', totalInstancesUsed, 1, maxTotalInstances],
    ['vCPUs', totalCoresUsed, flavor.vcpus, maxTotalCores],
    ['MiB of memory', totalRAMUsed, flavor.ram, maxTotalRAMSize],
  ]
  return rows
    .filter(([, used, more, most]) => most >= 0 && used + more > most)
    .map(([what, used, more, most]) => `Nova's quota for project ${printable(project)} has ${used} of ${most} ${what} taken, and this wants ${more} more; it matters where Trove makes its servers in that project`)
}
