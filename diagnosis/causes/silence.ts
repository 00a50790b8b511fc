import type { Proof } from '../cause.ts'
import type { Facts } from '../facts.ts'

/** Seconds. The first heartbeat follows the prepare message at once; what travels for longer under load is not lost yet. */
const PATIENCE = 30

/** The agent is connected and has nothing to wait for, and still Trove has heard nothing of it. */
export interface Silence {
  /** Whether prepare has begun in the guest, which sends the first heartbeat; undefined where nobody looked into the guest. */
  readonly prepared: boolean | undefined
  readonly proof: readonly Proof[]
}

/**
 * The state that N9, F5, I7, I8 and all of J share. Nothing during a normal bring-up: `prepare` waits in the queue until the agent is there, and
 * status `building` comes within a second of it.
 */
export function silence(facts: Facts): Silence | undefined {
  const { evidence, agentConnected } = facts
  const { trove, broker, guest, at } = evidence
  const service = trove?.service
  if (agentConnected !== true || service === undefined || !(service.id === 0x17 || /^new$/i.test(service.text))) return undefined
  const queue = broker?.queues[`guestagent.${evidence.instance}`]
  if ((queue?.messages ?? 0) > 0) return undefined
  if (short(facts.seconds(readySince(facts), at)) || short(facts.seconds(startFile(facts)?.changed, at))) return undefined
  return {
    prepared: guest === undefined ? undefined : prepareBegan(facts),
    proof: [
      { source: 'trove', where: 'service_statuses', text: `status ${service.text}${service.updated === undefined ? '' : `, written ${service.updated}`}` },
      { source: 'broker', where: `RabbitMQ, vhost ${broker!.vhost}`, text: `guestagent.${evidence.instance}: ${queue?.messages ?? 0} messages, ${queue?.consumers ?? 0} consumers` },
    ],
  }
}

/** Whether the agent has taken `prepare`: its own line, or the file that it writes first. */
export function prepareBegan(facts: Facts): boolean {
  return startFile(facts)?.exists === true || facts.line(/Starting datastore prepare/, 'agent') !== undefined
}

const startFile = ({ evidence }: Facts) => evidence.guest?.files.find(({ path }) => path.endsWith('/.guestagent.prepare.start'))

const short = (seconds: number | undefined): boolean => seconds !== undefined && seconds < PATIENCE

/** Host clock; the record alone has it. */
function readySince({ evidence }: Facts): string | undefined {
  return evidence.record?.reports.findLast(({ report }) => report.stage === 'ready' && report.state !== 'failed')?.received
}
