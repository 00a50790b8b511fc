import type { InstanceDetail, InstanceList, InstanceView } from '../../contract/operator-view.ts'
import type { RecordSeen } from '../evidence.ts'
import { CannotSee, type Collector, type Target } from './collector.ts'

/** What an operator may ask host-server; every call ends in time by itself and fails with a sentence for people. */
export interface OperatorApi {
  health(): Promise<{ status: string; revision: string; stale?: string[] }>
  /** All that are enrolled. */
  instances(): Promise<InstanceList>
  instance(id: string): Promise<InstanceDetail>
}

const REPORTS = 300
const NEIGHBOURS = 50

/** host-server's own record of the instance. That it is not enrolled is something seen, not a failure. */
export function recordCollector(api: OperatorApi): Collector<'record'> {
  return {
    source: 'record',
    deadline: 6000,
    async collect(target, context) {
      const [list, health] = await Promise.all([
        api.instances().catch((error: Error) => {
          throw new CannotSee(firstLine(error), { cause: error })
        }),
        api.health().catch((error: Error) => void context.partly(firstLine(error))),
      ])
      const known = list.instances.find(({ instance }) => instance === target.instance)
      const told = known && (await detail(api, target, context.partly))
      return {
        ...(known === undefined ? {} : { view: known }),
        reports: told?.reports.slice(-REPORTS) ?? [],
        refused: list.refused,
        ...(told?.served === undefined ? {} : { served: told.served }),
        ...(health === undefined ? {} : { health: { status: health.status, revision: health.revision, ...(health.stale === undefined ? {} : { stale: health.stale }) } }),
        neighbours: neighbours(list, target, known),
      }
    },
  }
}

/** @returns undefined when it was forgotten between two questions, or the second one failed */
async function detail(api: OperatorApi, { instance }: Target, partly: (why: string) => void): Promise<InstanceDetail | undefined> {
  try {
    return await api.instance(instance)
  } catch (error) {
    partly(`its reports: ${firstLine(error as Error)}`)
    return undefined
  }
}

function neighbours({ instances }: InstanceList, target: Target, known: RecordSeen['view']): InstanceView[] {
  const name = known?.name ?? target.name
  return instances
    .filter((other) => other.instance !== target.instance)
    .filter((other) => (name !== undefined && other.name === name) || (known !== undefined && other.address === known.address))
    .slice(0, NEIGHBOURS)
}

/** A verb's error goes on with what to type; that is the verdict's part here. */
function firstLine(error: Error): string {
  return error.message.split('\n')[0]!
}
