import { randomBytes } from 'node:crypto'
import type { Broker } from './broker.ts'
import { serviceStatus } from './service-status.ts'
import type { ServiceStatus } from './service-status.ts'
import { troveCall } from './trove-calls.ts'
import { until } from './until.ts'
import type { InjectedFile } from './user-data.ts'

/** The one datastore of the lab; its image is in the guests. */
export const DATASTORE = { manager: 'mysql', version: '5.7.29' } as const

/** An instance as Trove's database has it; Nova's part is played by guest.ts. */
export interface TroveInstance {
  readonly id: string
  readonly name: string
  /** All that trove-taskmanager would inject: guest_info.conf, trove-guestagent.conf, controller.conf. */
  readonly injected: readonly InjectedFile[]
  /** The first of them, with the instance's RPC key. */
  readonly guestInfo: InjectedFile
  /** trove-taskmanager's user data for all of `injected`. */
  readonly userData: string
  /**
   * The message that makes the agent set up its database; it waits in `guestagent.<id>` until an agent comes.
   * @param changed `version`: of the guest agent's API, another than Trove's own; `config`: lines added to the database's configuration
   */
  prepare(changed?: { readonly version?: string; readonly config?: string }): Promise<void>
  /** What trove-api asks of trove-taskmanager for a new instance. */
  ask(): Promise<void>
  /** What trove-taskmanager writes down when the instance has not come up in time. */
  timeOut(): Promise<void>
  status(): Promise<ServiceStatus>
  /** @throws with the last status seen, after `timeoutMs` or as soon as the instance has failed for good */
  waitForStatus(status: string, timeoutMs: number): Promise<ServiceStatus>
  /** Of the queue `guestagent.<id>`: 1 is an agent that listens; undefined is no queue. */
  consumers(): Promise<number | undefined>
}

const FAILED = ['failed to spawn', 'guestagent error', 'failed']

export async function createInstance(name: string, plane: { troveConf: string; database: string; broker: Broker }): Promise<TroveInstance> {
  const { id, files, user_data } = await troveCall<{ id: string; files: InjectedFile[]; user_data: string }>('create', plane.troveConf, { name, ...DATASTORE })
  const guestInfo = files.find((file) => file.path.endsWith('/guest_info.conf'))
  if (guestInfo === undefined) throw new Error(`Trove injects no guest_info.conf, but ${files.map((file) => file.path).join(', ')}`)
  const status = async () => serviceStatus(plane.database, id)
  return {
    id,
    name,
    injected: files,
    guestInfo,
    userData: user_data,
    async prepare(changed = {}) {
      await troveCall('prepare', plane.troveConf, { id, ...DATASTORE, ...firstDatabase(), changed })
    },
    ask: async () => void (await troveCall('ask', plane.troveConf, { id, ...DATASTORE })),
    timeOut: async () => void (await troveCall('time_out', plane.troveConf, { id, ...DATASTORE })),
    status,
    waitForStatus: (wanted, timeoutMs) => waitForStatus(id, status, wanted, timeoutMs),
    consumers: () => plane.broker.consumers(`guestagent.${id}`),
  }
}

async function waitForStatus(id: string, status: () => Promise<ServiceStatus>, wanted: string, timeoutMs: number): Promise<ServiceStatus> {
  let last: ServiceStatus | undefined
  try {
    return await until(`instance ${id} to be ${wanted}`, async () => {
      last = await status()
      if (last.status === wanted) return last
      if (FAILED.includes(last.status)) throw new Error('it will not recover by itself')
      return undefined
    }, { timeoutMs, everyMs: 500 })
  } catch (error) {
    throw new Error(`expected the status ${wanted} of instance ${id}, got ${last?.status ?? 'none'}: ${(error as Error).message}`, { cause: error })
  }
}

/** A database and a user of it, in the form of Trove's guestagent API. */
function firstDatabase(): object {
  return {
    databases: [{ _name: 'appdb', _character_set: 'utf8', _collate: 'utf8_general_ci' }],
    users: [{ _name: 'app', _password: randomBytes(12).toString('hex'), _host: '%', _databases: [{ _name: 'appdb' }] }],
  }
}
