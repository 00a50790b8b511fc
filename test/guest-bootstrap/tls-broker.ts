import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Secret } from '../../contract/secret.ts'
import { makeCa, makeServerCertificate } from '../../host-server/pki/certificates.ts'
import { startDaemon, whileRunning } from '../../lab/daemon.ts'
import { freePorts } from '../../lab/free-ports.ts'
import { brokerConfig, brokerEnvironment, passwordHash } from '../../lab/rabbitmq-files.ts'
import { run } from '../../lab/run.ts'

/** A real RabbitMQ with all that can be refused: a TLS port, a closed vhost, a user without rights. */
export interface TlsBroker extends AsyncDisposable {
  readonly port: number
  readonly tlsPort: number
  readonly ca: string
  readonly password: Secret
  /** In which rabbitmqctl finds it. */
  readonly env: NodeJS.ProcessEnv
  /** rabbitmqctl */
  control(...args: string[]): Promise<string>
}

export async function startTlsBroker(): Promise<TlsBroker> {
  const dir = mkdtempSync(join(tmpdir(), 'tls-broker-'))
  const [amqp, tlsPort, epmd, distribution, first, ...more] = (await freePorts(13)) as [number, number, number, number, number, ...number[]]
  const ports = { amqp, epmd, distribution, tools: { first, last: more.at(-1)! } }
  const env = brokerEnvironment(dir, ports)
  const password = Secret.random()
  const ca = await makeCa('broker', new Date())
  const { key, certificate } = await makeServerCertificate(ca, ['localhost'], 86_400, new Date())
  const at = (name: string, text: string): string => {
    writeFileSync(join(dir, name), text, { mode: 0o600 })
    return join(dir, name)
  }
  const hash = passwordHash(password, Buffer.from('salt'))
  const user = (name: string) => ({ name, password_hash: hash, hashing_algorithm: 'rabbit_password_hashing_sha256', tags: [] })
  const definitions = {
    vhosts: [{ name: '/' }, { name: 'trove' }, { name: 'closed' }],
    users: [user('trove'), user('reader')],
    permissions: [
      { user: 'trove', vhost: 'trove', configure: '.*', write: '.*', read: '.*' },
      { user: 'reader', vhost: 'trove', configure: '^$', write: '.*', read: '.*' },
    ],
  }
  at('enabled_plugins', '[].\n')
  at(
    'rabbitmq.conf',
    [
      brokerConfig(ports, at('definitions.json', JSON.stringify(definitions))),
      `listeners.ssl.1 = 127.0.0.1:${tlsPort}`,
      `ssl_options.cacertfile = ${at('ca.pem', ca.certificate)}`,
      `ssl_options.certfile = ${at('cert.pem', certificate)}`,
      `ssl_options.keyfile = ${at('key.pem', key)}`,
      'ssl_options.verify = verify_none',
      'ssl_options.fail_if_no_peer_cert = false\n',
    ].join('\n'),
  )
  const mapper = await startDaemon({ name: 'epmd', command: ['epmd'], env, log: join(dir, 'epmd.log') })
  const node = await startDaemon({ name: 'rabbitmq-server', command: ['rabbitmq-server'], env, cwd: dir, log: join(dir, 'server.log'), graceMs: 30_000 })
  await whileRunning(node, run(['rabbitmqctl', '--quiet', 'wait', '--timeout', '60', join(dir, 'pid')], { env, timeoutMs: 60_000 }))
  return {
    port: amqp,
    tlsPort,
    ca: ca.certificate,
    password,
    env,
    control: (...args) => run(['rabbitmqctl', '--quiet', ...args], { env, timeoutMs: 30_000 }),
    async [Symbol.asyncDispose]() {
      await node.stop()
      await mapper.stop()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}
