import { createHash, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { Secret } from '../contract/secret.ts'

/** amqp, epmd, Erlang distribution, and a range for rabbitmqctl's own nodes. */
export interface BrokerPorts {
  readonly amqp: number
  readonly epmd: number
  readonly distribution: number
  readonly tools: { readonly first: number; readonly last: number }
}

/** The environment that keeps a RabbitMQ node of ours apart from the machine's: own HOME (Erlang's cookie), own epmd, own ports. */
export function brokerEnvironment(dir: string, ports: BrokerPorts): NodeJS.ProcessEnv {
  return {
    PATH: '/usr/lib/rabbitmq/bin:/usr/bin:/bin',
    LANG: 'C.UTF-8',
    HOME: dir,
    ERL_EPMD_ADDRESS: '127.0.0.1',
    ERL_EPMD_PORT: String(ports.epmd),
    RABBITMQ_NODENAME: 'trovestrap@localhost',
    RABBITMQ_DIST_PORT: String(ports.distribution),
    RABBITMQ_CTL_DIST_PORT_MIN: String(ports.tools.first),
    RABBITMQ_CTL_DIST_PORT_MAX: String(ports.tools.last),
    RABBITMQ_MNESIA_BASE: join(dir, 'mnesia'),
    RABBITMQ_LOG_BASE: dir,
    RABBITMQ_LOGS: join(dir, 'rabbitmq.log'),
    RABBITMQ_CONFIG_FILE: join(dir, 'rabbitmq.conf'),
    RABBITMQ_CONF_ENV_FILE: '/dev/null',
    RABBITMQ_ENABLED_PLUGINS_FILE: join(dir, 'enabled_plugins'),
    RABBITMQ_PID_FILE: join(dir, 'pid'),
    // the script then becomes the broker instead of watching it, and SIGTERM is an orderly stop
    RUNNING_UNDER_SYSTEMD: 'true',
    // two schedulers that sleep when idle: emulated guests need the processor
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-kernel inet_dist_use_interface {127,0,0,1} +S 2:2 +sbwt none +sbwtdcpu none +sbwtdio none',
  }
}

/**
 * @param definitions read when this start is the first
 * @param addresses where it listens beside loopback
 */
export function brokerConfig(ports: BrokerPorts, definitions: string | undefined, addresses: readonly string[] = []): string {
  return [
    ...['127.0.0.1', ...addresses].map((address, index) => `listeners.tcp.${index + 1} = ${address}:${ports.amqp}`),
    'vm_memory_high_watermark.absolute = 512MB',
    'disk_free_limit.absolute = 50MB',
    'log.console = false',
    ...(definitions === undefined ? [] : [`load_definitions = ${definitions}`]),
    '',
  ].join('\n')
}

/** Users, and the vhosts in which each has every right, in the form of `rabbitmqctl export_definitions`. */
export function brokerDefinitions(users: Readonly<Record<string, { readonly password: Secret; readonly vhosts: readonly string[] }>>): string {
  const entries = Object.entries(users)
  return JSON.stringify({
    vhosts: [...new Set(entries.flatMap(([, { vhosts }]) => vhosts))].map((name) => ({ name })),
    users: entries.map(([name, { password }]) => ({
      name,
      password_hash: passwordHash(password, randomBytes(4)),
      hashing_algorithm: 'rabbit_password_hashing_sha256',
      tags: [],
    })),
    permissions: entries.flatMap(([user, { vhosts }]) => vhosts.map((vhost) => ({ user, vhost, configure: '.*', write: '.*', read: '.*' }))),
  })
}

/** RabbitMQ's own form: base64 of a salt of 4 bytes and SHA-256(salt + password). */
export function passwordHash(password: Secret, salt: Buffer): string {
  const digest = createHash('sha256').update(salt).update(password.reveal(), 'utf8').digest()
  return Buffer.concat([salt, digest]).toString('base64')
}
