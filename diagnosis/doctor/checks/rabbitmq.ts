import { at } from '../../causes/amqp-target.ts'
import type { Step } from '../../cause.ts'
import { AS_ROOT, unseen, type Check } from '../check.ts'

const TROVE_CONF: readonly Step[] = [{ on: 'host', run: 'trovestrap doctor --trove-conf FILE', say: "trove.conf of the control plane, readable for who types this (or: sudo trovestrap doctor)" }]
const RUNNING: readonly Step[] = [{ on: 'host', run: 'systemctl status rabbitmq-server' }]

export const rabbitmq: Check = {
  name: 'rabbitmq',
  title: 'RabbitMQ',
  sources: ['broker', 'broker_log', 'machine'],
  causes: ['G1', 'G2', 'G3', 'G4', 'G5', 'G6', 'G7', 'G8', 'G9', 'G10', 'G11', 'G12'],
  decides: { on: 'host', run: 'trovestrap doctor --rabbitmq-log FILE', say: 'the log tells what RabbitMQ does not say to clients' },
  see(facts) {
    const { broker } = facts.evidence
    if (broker === undefined) return unseen(facts, 'broker', TROVE_CONF)
    const { guests, product, fault } = broker
    if (guests === undefined) return { state: 'unseen', text: "which user guests have is not known: their configuration cannot be read", mend: AS_ROOT, decisive: true }
    const who = `${at({ host: guests.host, port: String(guests.port) })} · user ${guests.user}, vhost ${guests.vhost}`
    if (guests.fault !== undefined) return { state: 'unseen', text: `${who}: ${guests.fault.message}`, mend: RUNNING, decisive: true }
    if (fault !== undefined) return { state: 'unseen', text: `the control plane's own login at ${at({ host: broker.host, port: String(broker.port) })}: ${fault.message}`, mend: RUNNING, decisive: true }
    return { state: 'well', text: `${who}: may configure, write, read${guests.tls ? ' · TLS' : ''}${product === undefined ? '' : ` · ${product}`}` }
  },
}

export const queues: Check = {
  name: 'queues',
  title: 'queues',
  sources: ['broker'],
  causes: ['N1', 'J1'],
  see(facts) {
    const { broker } = facts.evidence
    if (broker === undefined) return unseen(facts, 'broker', TROVE_CONF)
    if (broker.fault !== undefined) return { state: 'unseen', text: `RabbitMQ does not let the control plane in: ${broker.fault.message}`, mend: RUNNING, decisive: true }
    const told = ['taskmanager', 'trove-conductor'].map((name) => ({ name, consumers: broker.queues[name]?.consumers }))
    const silent = told.filter(({ consumers }) => consumers === undefined)
    if (silent.length > 0) return { state: 'unseen', text: `RabbitMQ does not tell who consumes ${silent.map(({ name }) => name).join(', ')}`, mend: [{ on: 'host', run: `rabbitmqctl list_queues -p ${broker.vhost} name consumers` }], decisive: true }
    return { state: 'well', text: told.map(({ name, consumers }) => `${name} has ${consumers} ${consumers === 1 ? 'consumer' : 'consumers'}`).join(' · ') }
  },
}
