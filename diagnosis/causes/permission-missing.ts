import type { Cause } from '../cause.ts'
import { refused, setPermissions } from './amqp-target.ts'

export const permissionMissing: Cause = {
  id: 'G4',
  name: 'rabbitmq-permission-missing',
  title: 'the user may log in, but not declare, write or read what the agent needs',
  phase: 'reach-rabbitmq',
  shows: 'reach-rabbitmq fails with AMQP_PERMISSION; the agent ends with "Exchange.declare: (403) ACCESS_REFUSED - access to exchange"',
  needs: ['console', 'record', 'guest', 'broker'],
  symptomOf: ['F9', 'G14'],
  mend: "rabbitmqctl set_permissions -p VHOST USER '.*' '.*' '.*'",
  find(facts) {
    const who = refused(facts, ['AMQP_PERMISSION'], /ACCESS_REFUSED - access to (exchange|queue|topic)/)
    if (who === undefined) return undefined
    const on = facts.failing?.details['on'] ?? /access to (\S+ '[^']*')/.exec(who.text)?.[1] ?? 'what it needs'
    const permit = setPermissions(who)
    return {
      what: `RabbitMQ does not let user ${JSON.stringify(who.user ?? '?')} use ${on}`,
      proof: who.proof,
      mend: [permit === undefined ? { on: 'host', say: "rabbitmqctl set_permissions -p VHOST USER '.*' '.*' '.*'" } : { on: 'host', run: permit }],
    }
  },
}
