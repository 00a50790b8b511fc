import type { Cause, Step } from '../cause.ts'
import { refused, setPermissions, type Refused } from './amqp-target.ts'
import { safeWord } from './safe-word.ts'

const CODES = ['AMQP_VHOST_NOT_FOUND', 'AMQP_VHOST_REFUSED']

export const vhostRefused: Cause = {
  id: 'G3',
  name: 'rabbitmq-vhost-refused',
  title: 'the vhost does not exist, or the user has no access to it',
  phase: 'reach-rabbitmq',
  shows: 'reach-rabbitmq fails with AMQP_VHOST_NOT_FOUND or AMQP_VHOST_REFUSED; the agent ends with "(530) NOT_ALLOWED"',
  needs: ['console', 'record', 'broker', 'guest'],
  symptomOf: ['F9', 'G14'],
  mend: "rabbitmqctl add_vhost VHOST; rabbitmqctl set_permissions -p VHOST USER '.*' '.*' '.*'",
  find(facts) {
    const who = refused(facts, CODES, /\(530\) NOT_ALLOWED/)
    if (who === undefined) return undefined
    const absent = /AMQP_VHOST_NOT_FOUND|vhost .*not found|does not exist/.test(`${who.text} ${who.proof[0]!.text}`)
    const vhost = who.vhost ?? /vhost '?([^' ]+)'?/.exec(who.text)?.[1]
    return {
      what: absent ? `RabbitMQ has no vhost ${JSON.stringify(vhost ?? '?')}` : `user ${JSON.stringify(who.user ?? '?')} has no access to vhost ${JSON.stringify(vhost ?? '?')}`,
      proof: who.proof,
      mend: mend({ ...who, vhost }, absent),
    }
  },
}

function mend(who: Refused, absent: boolean): Step[] {
  const vhost = safeWord(who.vhost)
  const permit = setPermissions(who)
  return [
    ...(absent ? [vhost === undefined ? { on: 'host' as const, say: 'make the vhost: rabbitmqctl add_vhost' } : { on: 'host' as const, run: `rabbitmqctl add_vhost ${vhost}` }] : []),
    permit === undefined ? { on: 'host', say: "let the user in: rabbitmqctl set_permissions -p VHOST USER '.*' '.*' '.*'" } : { on: 'host', run: permit },
  ]
}
