import { Fault } from '../../contract/fault.ts'
import { UNITS } from '../../contract/paths.ts'
import { ownSecrets } from '../own-secrets.ts'
import { howItEnded } from '../agent/how-it-ended.ts'
import { lastWords } from '../agent/last-words.ts'
import { unitState } from '../agent/unit-state.ts'
import type { AgentMessaging } from '../amqp/agent-messaging.ts'
import { firstReachable } from '../amqp/first-reachable.ts'
import { forget, MEMORY, remember } from '../memory.ts'
import type { Stage } from '../stage.ts'
import type { AmqpSession, System } from '../system.ts'
import { messagingOf } from './reach-rabbitmq.ts'

/** Seconds. Under emulation an agent needs about half a minute of Python before it speaks to RabbitMQ, and formats its volume in between. */
const PATIENCE = 180
const LOOK_EVERY = 1

/** Trove hears the agent when, and only when, the agent's queue has a consumer. */
export const confirm: Stage = {
  name: 'confirm',
  purpose: 'see the agent consume the queue guestagent.<id>',

  async done() {
    // To see it takes a connection, and with that everything that run() does.
    return false
  },

  async run(system) {
    const messaging = messagingOf(system)
    try {
      const { value } = await firstReachable(system, messaging, (session) => wait(system, session, messaging))
      // From now on the end of an agent is told by its unit; see agent-failed.ts.
      remember(system.files, MEMORY.heard, { restarts: (await unitState(system)).restarts })
      return `${messaging.queue} has ${value === 1 ? 'its consumer' : `${value} consumers`}`
    } catch (error) {
      // Back to the stage that finds out what is wrong with the broker.
      if (error instanceof Fault && error.code.startsWith('AMQP_')) forget(system.files, MEMORY.reached)
      throw error
    }
  },
}

async function wait(system: System, session: AmqpSession, messaging: AgentMessaging): Promise<number> {
  const began = system.clock.uptime()
  const { restarts } = await unitState(system)
  for (;;) {
    const state = await unitState(system)
    const ended = state.restarts > restarts || !(state.active === 'active' || state.sub === 'start')
    if (ended) throw await exited(system)
    const consumers = await session.consumers(messaging.queue)
    if (consumers !== undefined && consumers > 0) return consumers
    const waited = Math.round(system.clock.uptime() - began)
    if (waited >= PATIENCE) {
      const last = await lastWords(system, ownSecrets(system.files))
      const details = { queue: messaging.queue, waited_seconds: waited, last }
      throw new Fault('AGENT_NOT_HEARD', details, `${UNITS.agent} runs since ${waited} s or more; its last line: ${last}`)
    }
    await system.clock.sleep(LOOK_EVERY)
  }
}

async function exited(system: System): Promise<Fault> {
  const { details, words } = await howItEnded(system, await unitState(system))
  return new Fault('AGENT_EXITED', details, words)
}
