import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Secret } from '../contract/secret.ts'
import { formatTransportUrl } from '../contract/transport-url.ts'
import { deleteQueue, queueConsumers } from './queue-consumers.ts'
import { startDaemon, whileRunning } from './daemon.ts'
import type { Daemon } from './daemon.ts'
import { freePorts } from './free-ports.ts'
import { brokerConfig, brokerDefinitions, brokerEnvironment } from './rabbitmq-files.ts'
import type { BrokerPorts } from './rabbitmq-files.ts'
import { run } from './run.ts'

/** A RabbitMQ node of our own on 127.0.0.1, which guests of the lab reach as 10.0.2.2, or on a network of the lab's. */
export interface Broker extends AsyncDisposable {
  readonly port: number
  readonly vhost: string
  readonly user: string
  readonly password: Secret
  readonly running: boolean
  /** For guests. @param host as the reader of the URL sees the broker */
  url(host: string): Secret
  /** For the control plane, which has a user of its own: what a fault does to the guests' user leaves it alone. */
  controlUrl(host: string, vhost?: string): Secret
  /** In which rabbitmqctl finds this node. */
  readonly env: NodeJS.ProcessEnv
  /** Users, vhosts, permissions as they were at the first start: `rabbitmqctl import_definitions` brings them back. */
  readonly definitions: string
  /** Orderly. What is durable (users, vhost, permissions) survives; Trove's queues are not. */
  stop(): Promise<void>
  /** On the same port. */
  start(): Promise<void>
  restart(): Promise<void>
  /** @returns undefined when there is no such queue */
  consumers(queue: string, vhost?: string): Promise<number | undefined>
  /** With what is in it; nothing happens when there is none. */
  deleteQueue(queue: string): Promise<void>
  /** For the user of `url`; connections that are open stay open. */
  setPassword(password: Secret): Promise<void>
}

const VHOST = 'trove'
const USER = 'trove'
const CONTROL_USER = 'control'
/** Looks at queues; apart from Trove's user, whose password a test may change. */
const OBSERVER = 'observer'
const CTL_PORTS = 8
const START_MS = 60_000
const STOP_MS = 30_000

export interface BrokerOptions {
  /** Free ones unless given. */
  readonly ports?: BrokerPorts
  /** Where it listens beside 127.0.0.1. */
  readonly addresses?: readonly string[]
  /** Of the control plane, beside Trove's. */
  readonly vhosts?: readonly string[]
}

export async function startBroker(dir: string, { ports: given, addresses = [], vhosts: more = [] }: BrokerOptions = {}): Promise<Broker> {
  await mkdir(dir, { recursive: true, mode: 0o700 })
  const ports = given ?? (await choosePorts())
  const vhosts = [VHOST, ...more]
  const env = brokerEnvironment(dir, ports)
  const [observer, control] = [Secret.random(), Secret.random()]
  let password = Secret.random()
  await writeFile(join(dir, 'enabled_plugins'), '[].\n')
  const definitions = join(dir, 'definitions.json')
  await writeFile(definitions, brokerDefinitions({ [USER]: { password, vhosts: [VHOST] }, [CONTROL_USER]: { password: control, vhosts }, [OBSERVER]: { password: observer, vhosts } }), { mode: 0o600 })
  await writeFile(join(dir, 'rabbitmq.conf'), brokerConfig(ports, definitions, addresses))
  // Erlang would start a mapper by itself, as a daemon that outlives everybody
  const mapper = await startDaemon({ name: 'epmd', command: ['epmd'], env, log: join(dir, 'epmd.log') })
  let node = await startNode(dir, env).catch(async (error) => {
    await mapper.stop()
    throw error
  })
  // once is enough: at every start it would undo what has been changed since
  await writeFile(join(dir, 'rabbitmq.conf'), brokerConfig(ports, undefined, addresses))

  const url = (host: string, user: string, secret: Secret, vhost = VHOST) =>
    formatTransportUrl({ driver: 'rabbit', hosts: [{ host, port: ports.amqp, user, password: secret }], vhost })
  const broker: Broker = {
    port: ports.amqp,
    vhost: VHOST,
    user: USER,
    get password() {
      return password
    },
    get running() {
      return node.running
    },
    url: (host) => url(host, USER, password),
    controlUrl: (host, vhost) => url(host, CONTROL_USER, control, vhost),
    env,
    definitions,
    stop: () => node.stop(),
    async start() {
      if (!node.running) node = await startNode(dir, env)
    },
    async restart() {
      await broker.stop()
      await broker.start()
    },
    consumers: (queue, vhost) => queueConsumers(url('127.0.0.1', OBSERVER, observer, vhost), queue),
    deleteQueue: (queue) => deleteQueue(url('127.0.0.1', OBSERVER, observer), queue),
    async setPassword(changed) {
      // without a password among the arguments rabbitmqctl reads it from stdin
      await run(['rabbitmqctl', '--quiet', 'change_password', USER], { env, input: `${changed.reveal()}\n` })
      password = changed
    },
    async [Symbol.asyncDispose]() {
      await node.stop()
      await mapper.stop()
    },
  }
  return broker
}

async function startNode(dir: string, env: NodeJS.ProcessEnv): Promise<Daemon> {
  const node = await startDaemon({ name: 'rabbitmq-server', command: ['rabbitmq-server'], env, cwd: dir, log: join(dir, 'server.log'), graceMs: STOP_MS })
  const stopWaiting = new AbortController()
  try {
    await whileRunning(node, run(['rabbitmqctl', '--quiet', 'wait', '--timeout', '60', join(dir, 'pid')], { env, timeoutMs: START_MS, signal: stopWaiting.signal }))
    return node
  } catch (error) {
    stopWaiting.abort()
    await node.kill()
    throw error
  }
}

async function choosePorts(): Promise<BrokerPorts> {
  const [amqp, epmd, distribution, first, ...more] = await freePorts(4 + CTL_PORTS)
  return { amqp: amqp!, epmd: epmd!, distribution: distribution!, tools: { first: first!, last: more.at(-1)! } }
}
