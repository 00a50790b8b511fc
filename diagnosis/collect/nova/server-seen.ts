import type { NovaServer } from '../../../openstack/nova.ts'
import { present } from '../../../openstack/present.ts'
import type { NovaSeen } from '../../evidence.ts'

/** nova/compute/power_state.py */
const POWER: Readonly<Record<number, string>> = { 0: 'no state', 1: 'running', 3: 'paused', 4: 'shut down', 6: 'crashed', 7: 'suspended' }

/** What matters of it; user data and metadata, which hold configuration, are left behind. */
export function serverSeen(server: NovaServer): NonNullable<NovaSeen['server']> {
  const power = server['OS-EXT-STS:power_state']
  const { fault, flavor } = server
  return present({
    id: server.id,
    name: server.name,
    status: server.status,
    task: server['OS-EXT-STS:task_state'],
    power: power == null ? undefined : (POWER[power] ?? String(power)),
    host: server['OS-EXT-SRV-ATTR:host'],
    created: server.created,
    fault: fault == null ? undefined : present({ code: fault.code, message: fault.message }),
    addresses: Object.entries(server.addresses ?? {}).flatMap(([network, all]) => all.map((one) => present({ network, address: one.addr, kind: one['OS-EXT-IPS:type'] }))),
    flavor: flavor == null ? undefined : present({ name: flavor.original_name, ram: flavor.ram, disk: flavor.disk }),
    config_drive: server.config_drive,
  })
}
