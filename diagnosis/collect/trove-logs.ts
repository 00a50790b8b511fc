import type { LogSeen } from '../evidence.ts'
import { CannotSee, type Collector } from './collector.ts'
import { placeOf, readLog, type LogOptions, type LogPlace } from './log-tail/read-log.ts'

const PLACES: Readonly<Record<string, LogPlace>> = {
  'trove-conductor': {
    paths: ['/var/log/trove/*conductor*.log', '/var/log/kolla/trove/*conductor*.log'],
    units: ['devstack@tr-cond', 'trove-conductor', 'openstack-trove-conductor'],
  },
  'trove-taskmanager': {
    paths: ['/var/log/trove/*taskmanager*.log', '/var/log/kolla/trove/*taskmanager*.log'],
    units: ['devstack@tr-tmgr', 'trove-taskmanager', 'openstack-trove-taskmanager'],
  },
}
const KEPT = 300
const BYTES = 16 * 1024 * 1024
/** What says why reports are lost or instances are not made, also where it names no instance. */
const MATTERS =
  /\b(?:ERROR|CRITICAL)\b|Traceback|\w(?:Error|Exception)\b|Rec'd message is older|Discarding|Userdata is not a valid|Failed to parse userdata|could not be found|UnsupportedVersion|Endpoint does not support|ECONNREFUSED|Connection failed|ACCESS_REFUSED|NOT_ALLOWED/

export interface TroveLogOptions {
  readonly conductor?: LogOptions
  readonly taskmanager?: LogOptions
}

/** Of both logs the lines that name the instance or tell of trouble; one that cannot be read is said, both are a failure. */
export function troveLogsCollector({ conductor, taskmanager }: TroveLogOptions = {}): Collector<'trove_logs'> {
  return {
    source: 'trove_logs',
    deadline: 3500,
    async collect({ instance }, { signal, partly }) {
      const want = (line: string) => line.includes(instance) || MATTERS.test(line)
      const seen: LogSeen[] = []
      const unseen: string[] = []
      const read = async (name: string, options: LogOptions | undefined) => {
        try {
          seen.push(await readLog(name, placeOf(PLACES[name]!, options), { most: KEPT, bytes: BYTES, signal, want }))
        } catch (error) {
          if (!(error instanceof CannotSee)) throw error
          unseen.push(error.message)
        }
      }
      await Promise.all([read('trove-conductor', conductor), read('trove-taskmanager', taskmanager)])
      if (seen.length === 0) throw new CannotSee(unseen.join('; '))
      for (const why of unseen) partly(why)
      return seen.sort((a, b) => a.name.localeCompare(b.name))
    },
  }
}
