// RabbitMQ says the same to a client for a wrong password, an unknown user and the user guest from afar; only its log tells the last one.
import type { Cause, Step } from '../cause.ts'
import { type Facts, proofOf } from '../facts.ts'
import { refused, setPermissions, type Refused } from './amqp-target.ts'
import { editForGuests, guestConfigPath } from './edit-guest-config.ts'
import { safeWord } from './safe-word.ts'

const CODES = ['AMQP_LOGIN_REFUSED']
const LINE = /ACCESS_REFUSED - Login was refused/
const LOOPBACK_ONLY = /user 'guest' can only connect via localhost/

export const loginRefused: Cause = {
  id: 'G2',
  name: 'rabbitmq-login-refused',
  title: 'RabbitMQ refuses user or password',
  phase: 'reach-rabbitmq',
  shows: 'reach-rabbitmq fails with AMQP_LOGIN_REFUSED; the agent ends with "(403) ACCESS_REFUSED - Login was refused"',
  needs: ['console', 'record', 'broker', 'guest'],
  symptomOf: ['F3', 'F9', 'G5'],
  mend: 'rabbitmqctl change_password USER, and type the password of the guests\' transport_url; or correct transport_url',
  // Whom the log tells of may be anybody.
  ahead: (facts) => (refused(facts, CODES) === undefined ? undefined : loginRefused.find(facts)),
  find(facts) {
    const who = refused(facts, CODES, LINE)
    if (who === undefined) return invalidInLog(facts)
    if (isGuestUser(who) && facts.line(LOOPBACK_ONLY, 'broker') !== undefined) return undefined
    if (isGuestUser(who) && !facts.saw('broker_log')) return { undecided: 'RabbitMQ refuses the user guest: for its password, or because it comes from another machine', wants: ['broker_log'], proof: who.proof }
    const log = facts.line(new RegExp(`user '${escape(who.user ?? '')}' - invalid credentials`), 'broker')
    return {
      what: who.who === 'guest' ? `RabbitMQ refuses the login of user ${JSON.stringify(who.user ?? '?')}` : `RabbitMQ refuses the control plane's own login as user ${JSON.stringify(who.user ?? '?')}`,
      proof: [...who.proof, ...(log ? [proofOf(log)] : [])],
      mend: mend(facts, who),
    }
  },
}

export const guestUserRemote: Cause = {
  id: 'G5',
  name: 'rabbitmq-guest-user-remote',
  title: 'the user guest may log in from the broker\'s own machine alone',
  phase: 'reach-rabbitmq',
  shows: "reach-rabbitmq fails with AMQP_LOGIN_REFUSED for user guest; RabbitMQ logs \"user 'guest' can only connect via localhost\"",
  needs: ['broker_log'],
  symptomOf: ['F3', 'F4', 'F9'],
  mend: 'a user of its own for Trove: rabbitmqctl add_user, set_permissions',
  find(facts) {
    const who = refused(facts, CODES, LINE)
    if (who === undefined || !isGuestUser(who)) return undefined
    const log = facts.line(LOOPBACK_ONLY, 'broker')
    if (log === undefined) return facts.saw('broker_log') ? undefined : { undecided: 'the user guest is refused; whether for coming from another machine only RabbitMQ\'s log tells', wants: ['broker_log'], proof: who.proof }
    return {
      what: 'RabbitMQ lets the user guest in from its own machine alone',
      proof: [proofOf(log), ...who.proof],
      mend: [
        { on: 'host', run: 'rabbitmqctl add_user trove', asks: { what: 'password', file: guestConfigPath(facts), option: 'transport_url password' } },
        { on: 'host', run: `rabbitmqctl set_permissions -p ${safeWord(who.vhost) ?? '/'} trove '.*' '.*' '.*'` },
        ...editForGuests(facts, 'put trove and its password in the place of guest in transport_url'),
      ],
    }
  },
}

/** The broker's log alone: somebody was refused, perhaps somebody else. */
function invalidInLog(facts: Facts): ReturnType<Cause['find']> {
  if (facts.said.length > 0 || facts.saw('guest') || facts.healthy === true || facts.agentConnected === true) return undefined
  const log = facts.line(/user '[^']*' - invalid credentials/, 'broker')
  return log && { undecided: 'RabbitMQ has refused somebody\'s password; whether it was this guest its console tells', wants: ['console', 'record', 'guest'], proof: [proofOf(log)] }
}

const isGuestUser = ({ user, who }: Refused): boolean => user === 'guest' && who === 'guest'

function mend(facts: Facts, who: Refused): Step[] {
  const { broker, machine } = facts.evidence
  const user = safeWord(who.user)
  const asks = { what: 'password', file: guestConfigPath(facts), option: 'transport_url password' } as const
  if (user !== undefined && broker?.inside?.users.includes(who.user!) === false) {
    const permit = setPermissions(who)
    return [{ on: 'host', run: `rabbitmqctl add_user ${user}`, asks }, ...(permit === undefined ? [] : [{ on: 'host' as const, run: permit }])]
  }
  // The control plane logs in with the same name: it is the guests' password that is wrong, and another one at the broker would lock Trove out.
  const trove = broker !== undefined && broker.fault === undefined && broker.user === who.user
  if (trove || machine?.guest_config?.same_password === false) return editForGuests(facts, "put the password of trove.conf's transport_url into transport_url")
  if (user === undefined) return editForGuests(facts, 'correct user and password of transport_url')
  return [{ on: 'host', run: `rabbitmqctl change_password ${user}`, asks }]
}

const escape = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
