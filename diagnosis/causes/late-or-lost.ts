import type { Cause, Found, Proof } from '../cause.ts'
import { type Facts, proofOf } from '../facts.ts'
import { instant } from '../instant.ts'
import { stageBegan } from '../signs.ts'
import { MAKE_AGAIN, setTroveOption } from './trove-option.ts'

const TIMEOUT_TASK = 0x5b
const NEW = 0x17
/** Seconds within which an agent has taken up a prepare message that is there. */
const TAKES_UP = 60
/** Traces of a message that did come. */
const TOOK_ONE = /Starting datastore prepare|Exception during message handling|does not support RPC version/
const MARKER = '/opt/trove-guestagent/.guestagent.prepare'

/** N8 */
export const timeoutTooShort: Cause = {
  id: 'N8',
  name: 'usage-timeout-too-short',
  title: 'the guest came up well, but later than Trove waits (usage_timeout)',
  phase: 'report',
  shows: '`Polling request timed out.` in instance_faults, and a healthy heartbeat after it',
  needs: ['trove'],
  mend: 'raise usage_timeout; openstack database instance reset status INSTANCE',
  find(facts) {
    const { trove, instance, machine } = facts.evidence
    const { fault, service } = trove ?? {}
    if (facts.healthy !== true || trove?.instance?.task !== TIMEOUT_TASK) return undefined
    if (fault && !/Polling request timed out/.test(fault.message)) return undefined
    const [gaveUp, beat] = [instant(fault?.created), instant(service?.updated)]
    if (gaveUp !== undefined && beat !== undefined && beat <= gaveUp) return undefined
    const waited = Number(machine?.trove_conf?.options['usage_timeout'] ?? 1800)
    const proof: Proof[] = [
      ...(fault ? [{ source: 'trove' as const, where: 'instance_faults', text: fault.message, ...(fault.created === undefined ? {} : { at: fault.created }) }] : []),
      { source: 'trove', where: 'service_statuses', text: service!.text, ...(service!.updated === undefined ? {} : { at: service!.updated }) },
    ]
    return {
      what: `the guest is healthy, but came up after the ${Number.isFinite(waited) ? waited : 1800} s that Trove waits`,
      proof,
      mend: [{ on: 'cloud', run: `openstack database instance reset status ${instance}`, say: 'the next heartbeat then makes it ACTIVE' }, ...setTroveOption(facts, 'usage_timeout', String((Number.isFinite(waited) ? waited : 1800) * 2))],
    }
  },
}

/** N9 */
export const prepareLost: Cause = {
  id: 'N9',
  name: 'prepare-message-lost',
  title: 'the message that tells the agent to prepare its database is lost, or was never sent',
  phase: 'prepare',
  shows: 'the agent is connected, its queue is empty, and it has never begun to prepare; or instance_faults ends in `_guest_prepare`',
  needs: ['guest', 'broker', 'trove'],
  // There the message did come, and the agent could not read it.
  symptomOf: ['I7', 'I8'],
  mend: 'delete the instance and create it again; durable or quorum queues',
  find(facts) {
    const { evidence, agentConnected } = facts
    const unsent = neverSent(facts)
    if (unsent !== undefined) return unsent
    const queue = evidence.broker?.queues[`guestagent.${evidence.instance}`]
    const service = evidence.trove?.service
    if (agentConnected !== true || queue?.messages !== 0 || (service && service.id !== NEW && service.text.toLowerCase() !== 'new')) return undefined
    const idle = facts.lines('agent').filter(({ text }) => text.includes('Database service is not installed, skip status check'))
    const long = (readyFor(facts) ?? 0) > TAKES_UP
    if (!long && idle.length < 2) return undefined
    const waits: Proof = { source: 'broker', where: `queue guestagent.${evidence.instance}`, text: `messages 0, consumers ${queue.consumers}` }
    if (!evidence.guest) return service === undefined ? undefined : { undecided: 'the agent is connected and Trove has not heard of a prepare; whether it ever came is not known', wants: ['guest'], proof: [waits] }
    const [start, end] = [facts.file(`${MARKER}.start`), facts.file(`${MARKER}.end`)]
    if (start?.exists !== false || end?.exists === true || facts.line(TOOK_ONE, 'agent')) return undefined
    return {
      what: 'the agent waits for a prepare message that is lost: its queue is empty, and it has never begun',
      proof: [{ source: 'guest', where: 'guest', text: `${start.path} does not exist` }, waits, ...idle.slice(-1).map(proofOf)],
      mend: [{ on: 'cloud', say: 'delete the instance and create it again: nobody sends the message a second time' }, { on: 'host', say: 'amqp_durable_queues or rabbit_quorum_queue under [oslo_messaging_rabbit], the same for guests and control plane, lets messages outlive a restart of RabbitMQ' }],
    }
  },
}

/** trove-taskmanager broke off on its way to the message (trove/taskmanager/models.py, _guest_prepare): Trove still says BUILD, and waits for the agent. */
function neverSent(facts: Facts): Found | undefined {
  const lines = facts.lines('trove-fault')
  if (facts.healthy === true || !lines.some(({ text }) => /, in _guest_prepare$/.test(text.trimEnd()))) return undefined
  const last = lines.at(-1)!
  const unlisted = lines.some(({ text }) => text.includes('packages.split()'))
  return {
    what: `trove-taskmanager broke off before it sent the prepare message: ${last.text.trim().slice(0, 200)}`,
    proof: [proofOf(last)],
    mend: [
      unlisted
        ? { on: 'host', run: 'trove-manage datastore_version_update DATASTORE VERSION MANAGER IMAGE_ID "" 1', say: 'the datastore version was made without a list of packages, which may be empty and has to be there' }
        : { on: 'cloud', say: 'mend what the end of the traceback in instance_faults names' },
      MAKE_AGAIN,
    ],
  }
}

/** Seconds. */
function readyFor(facts: Facts): number | undefined {
  const [now, since] = [instant(facts.evidence.at), facts.ready ? stageBegan(facts) : undefined]
  return now === undefined || since === undefined ? undefined : (now - since) / 1000
}
