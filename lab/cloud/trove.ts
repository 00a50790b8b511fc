import { join } from 'node:path'
import type { Broker } from '../broker.ts'
import type { Service } from '../service.ts'
import { guestAgentConf } from '../trove-config.ts'
import { HOST } from './network.ts'
import { answering, program, writeConf } from './openstack-program.ts'
import { layCopyOver, layOver } from './own-mounts.ts'
import { PORTS } from './ports.ts'
import { troveConf, type TroveParts } from './trove-conf.ts'

const SETTINGS = '/etc/trove'

export interface Trove {
  /** As an operator has them, 0600. */
  readonly files: { readonly troveConf: string; readonly guestAgentConf: string }
  readonly api: Service
  readonly conductor: Service
  readonly taskmanager: Service
}

/** Needs its tables, RabbitMQ and the management network; Keystone and Nova when it is first asked. */
export async function startTrove(parts: Omit<TroveParts, 'guestAgentConf'>, broker: Broker): Promise<Trove> {
  const { dir } = parts
  // at the usual places, where operators and our verbs look
  await layCopyOver(SETTINGS, join(dir, 'etc'))
  await layOver('/var/log/trove', dir)
  const files = { troveConf: join(SETTINGS, 'trove.conf'), guestAgentConf: join(SETTINGS, 'trove-guestagent.conf') }
  await writeConf(files.guestAgentConf, guestAgentConf(broker.url(HOST)))
  await writeConf(files.troveConf, troveConf({ ...parts, guestAgentConf: files.guestAgentConf }))
  const args = ['--config-file', files.troveConf]
  const listening = (queue: string) => ({ ready: async () => ((await broker.consumers(queue)) ?? 0) > 0, readiness: 'to listen on its queue' })
  const [api, conductor, taskmanager] = [
    program({ name: 'trove-api', dir, args, ...answering(`http://${HOST}:${PORTS.trove}/`) }),
    program({ name: 'trove-conductor', dir, args, ...listening('trove-conductor') }),
    program({ name: 'trove-taskmanager', dir, args, ...listening('taskmanager') }),
  ]
  await Promise.all([api, conductor, taskmanager].map((service) => service.start()))
  return { files, api, conductor, taskmanager }
}
