import type { AmqpSession } from '../../guest-bootstrap/system.ts'

/** A RabbitMQ with which all is well: everything may be declared, and the agent consumes its queue. */
export function wellBroker(): AmqpSession {
  const well = async (): Promise<void> => {}
  return { product: 'RabbitMQ 3.10.8', declareExchange: well, declareQueue: well, bindQueue: well, checkAlarm: well, consumers: async () => 1, close: well }
}
