import type { AmqpTarget } from '../../amqp/target.ts'
import { where } from '../../amqp/target-details.ts'
import { Fault, type FaultCode } from '../../contract/fault.ts'
import { wayTo } from '../way-to.ts'
import { withDetails } from '../with-details.ts'
import type { AgentMessaging } from './agent-messaging.ts'
import type { AmqpSession, System } from '../system.ts'

/** Those of which the way that the packets take may be the reason. */
const BY_THE_WAY: readonly FaultCode[] = ['AMQP_SILENT', 'AMQP_UNREACHABLE']

/**
 * Tries the hosts of a transport_url in their order until `act` has gone well with one of them.
 *
 * @returns what `act` gave, with the faults of the hosts before
 * @throws the most telling Fault when there is none: one that somebody has to mend, else the first
 */
export async function firstReachable<T>(
  system: System,
  { targets, from }: Pick<AgentMessaging, 'targets' | 'from'>,
  act: (session: AmqpSession, target: AmqpTarget) => Promise<T>,
): Promise<{ value: T; target: AmqpTarget; faults: readonly Fault[] }> {
  const faults: Fault[] = []
  for (const target of targets) {
    let session: AmqpSession | undefined
    try {
      session = await system.amqp(target)
      return { value: await act(session, target), target, faults }
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      faults.push(withDetails(error, { ...(BY_THE_WAY.includes(error.code) ? await wayTo(system, target.host, error.cause) : {}), ...from }))
    } finally {
      await session?.close()
    }
  }
  const telling = faults.find((fault) => fault.kind === 'operator') ?? faults[0]!
  if (faults.length === 1) throw telling
  const others = faults.filter((fault) => fault !== telling).map((fault) => `${fault.details['host']}:${fault.details['port']} ${fault.code}`)
  throw new Fault(telling.code, { ...telling.details, others: others.join(' ') }, telling.explanation, { cause: telling })
}

/** `127.0.0.1:5672 (RabbitMQ 3.10.8) · not 10.0.0.2:5672 AMQP_REFUSED` */
export function named(target: AmqpTarget, product: string, faults: readonly Fault[]): string {
  const not = faults.map((fault) => ` · not ${fault.details['host']}:${fault.details['port']} ${fault.code}`)
  return `${where(target)} (${product})${not.join('')}`
}
