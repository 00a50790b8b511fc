import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { HOST } from './network.ts'
import { novaComputeConf, novaConf, type NovaParts } from './nova-conf.ts'
import { answering, program, writeConf } from './openstack-program.ts'
import { PORTS } from './ports.ts'
import type { Broker } from '../broker.ts'
import type { Service } from '../service.ts'

export interface Nova {
  readonly api: Service
  readonly conductor: Service
  readonly scheduler: Service
}

const QUEUES = { conductor: 'conductor', scheduler: 'scheduler', compute: 'compute.lab' }

/** Needs its tables and RabbitMQ, and the whole catalogue: its conductor logs in to Neutron before anything else. */
export async function startNova(parts: NovaParts, broker: Broker): Promise<Nova> {
  const { dir } = parts
  await mkdir(dir, { recursive: true, mode: 0o700 })
  const args = ['--config-file', await writeConf(join(dir, 'nova.conf'), novaConf(parts))]
  const [api, conductor, scheduler] = [
    program({ name: 'nova-api', dir, args, ...answering(`http://${HOST}:${PORTS.nova}/`) }),
    program({ name: 'nova-conductor', dir, args, ...listening(broker, QUEUES.conductor) }),
    program({ name: 'nova-scheduler', dir, args, ...listening(broker, QUEUES.scheduler) }),
  ]
  await Promise.all([api, conductor, scheduler].map((service) => service.start()))
  return { api, conductor, scheduler }
}

/** The one compute host, `lab`: libvirt's guests under emulation. Needs all of Nova, Placement and libvirt. */
export async function startCompute(parts: NovaParts, broker: Broker): Promise<Service> {
  const { dir } = parts
  // where it is missing there is never a valid host
  await mkdir(join(dir, 'instances'), { recursive: true })
  const path = join(dir, 'nova-compute.conf')
  await writeConf(path, novaComputeConf(parts, path))
  const compute = program({ name: 'nova-compute', dir, args: ['--config-file', path], ...listening(broker, QUEUES.compute) })
  await compute.start()
  return compute
}

function listening(broker: Broker, queue: string): { ready: () => Promise<boolean>; readiness: string } {
  return { ready: async () => ((await broker.consumers(queue, 'nova')) ?? 0) > 0, readiness: 'to listen on its queue' }
}
