import type { Check } from './check.ts'
import { certificate, hostServer, keys } from './checks/host-server.ts'
import { clock, disk, packetFilter, ports } from './checks/machine.ts'
import { datastores, flavors, login, neutron, nova, quota } from './checks/openstack.ts'
import { queues, rabbitmq } from './checks/rabbitmq.ts'
import { guestConfig, injectedFiles, troveServices } from './checks/trove.ts'

/** In the order in which they are told: what guests meet first stands first. */
export const checks: readonly Check[] = [hostServer, certificate, keys, ports, packetFilter, guestConfig, rabbitmq, queues, troveServices, injectedFiles, login, datastores, flavors, nova, neutron, quota, clock, disk]
