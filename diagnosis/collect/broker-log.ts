import type { Collector } from './collector.ts'
import { placeOf, readLog, type LogOptions, type LogPlace } from './log-tail/read-log.ts'

const PLACE: LogPlace = { paths: ['/var/log/rabbitmq/*.log', '/var/log/kolla/rabbitmq/*.log'], units: ['rabbitmq-server'] }
const KEPT = 400
const LIMITS = { most: 20_000, bytes: 4 * 1024 * 1024 }
/** Who came and was let in or not, and what the broker itself suffers from. */
const MATTERS =
  /\[(?:error|warning|critical|alert|emergency)\]|=(?:ERROR|WARNING) REPORT|accepting AMQP|authenticated|credentials|refused|closing|closed|blocked|alarm|watermark|disk|inequivalent|bad_header|handshake|TLS|vhost|only connect via|heartbeat|transient|partition|node .* (?:up|down)|starting RabbitMQ|stopping/i
const BEFORE = 1
/** RabbitMQ's reports of a crash go over several lines, and older versions mark only the first. */
const AFTER = 3

/** @param options where the log is, if not in the usual places */
export function brokerLogCollector(options: LogOptions = {}): Collector<'broker_log'> {
  return {
    source: 'broker_log',
    deadline: 3500,
    async collect(_target, { signal }) {
      const log = await readLog('rabbitmq', placeOf(PLACE, options), { ...LIMITS, signal })
      return { ...log, lines: withNeighbours(log.lines).slice(-KEPT) }
    },
  }
}

function withNeighbours(lines: readonly string[]): string[] {
  const near = new Set<number>()
  for (const [at, line] of lines.entries()) {
    if (!MATTERS.test(line)) continue
    for (let beside = at - BEFORE; beside <= at + AFTER; beside++) near.add(beside)
  }
  return lines.filter((_, at) => near.has(at))
}
