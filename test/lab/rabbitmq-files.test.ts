import t from 'tap'
import { Secret } from '../../contract/secret.ts'
import { brokerConfig, brokerDefinitions, brokerEnvironment, passwordHash } from '../../lab/rabbitmq-files.ts'

const PORTS = { amqp: 20_000, epmd: 20_001, distribution: 20_002, tools: { first: 20_003, last: 20_010 } }

t.test('a password is hashed as RabbitMQ does it', async (t) => {
  // the worked example of RabbitMQ's documentation of passwords
  t.equal(passwordHash(new Secret('test12'), Buffer.from('908dc60a', 'hex')), 'kI3GCqW5JLMJa4iX1lo7X4D6XbYqlLgxIs30+P6tENUV2POR')
})

t.test('definitions hold users with every right in their vhosts, and no password', async (t) => {
  const text = brokerDefinitions({ trove: { password: new Secret('s3cret'), vhosts: ['trove'] } })
  const { users, ...rest } = JSON.parse(text)
  t.notMatch(text, /s3cret/)
  t.match(users, [{ name: 'trove', password_hash: /^[\w+/=]{48}$/, hashing_algorithm: 'rabbit_password_hashing_sha256', tags: [] }])
  t.same(rest, { vhosts: [{ name: 'trove' }], permissions: [{ user: 'trove', vhost: 'trove', configure: '.*', write: '.*', read: '.*' }] })
})

t.test('a vhost that several users have is one', async (t) => {
  const password = new Secret('s3cret')
  const { vhosts, permissions } = JSON.parse(brokerDefinitions({ trove: { password, vhosts: ['trove'] }, control: { password, vhosts: ['trove', 'nova'] } }))
  t.same(vhosts, [{ name: 'trove' }, { name: 'nova' }])
  t.match(permissions, [{ user: 'trove', vhost: 'trove' }, { user: 'control', vhost: 'trove' }, { user: 'control', vhost: 'nova' }])
})

t.test('the broker listens on loopback only, and reads definitions only when it is told to', async (t) => {
  t.match(brokerConfig(PORTS, undefined), /^listeners\.tcp\.1 = 127\.0\.0\.1:20000$/m)
  t.notMatch(brokerConfig(PORTS, undefined), /definitions/)
  t.match(brokerConfig(PORTS, undefined, ['10.0.0.1']), /^listeners\.tcp\.1 = 127\.0\.0\.1:20000\nlisteners\.tcp\.2 = 10\.0\.0\.1:20000$/m, 'unless it is asked to')
  t.match(brokerConfig(PORTS, '/d/definitions.json'), /^load_definitions = \/d\/definitions\.json$/m)
})

t.test('no setting of the machine’s own RabbitMQ reaches ours', async (t) => {
  const env = brokerEnvironment('/d', PORTS)
  t.match(env, { HOME: '/d', ERL_EPMD_PORT: '20001', RABBITMQ_MNESIA_BASE: '/d/mnesia', RABBITMQ_CONF_ENV_FILE: '/dev/null' })
  t.same(Object.values(env).filter((value) => /\/(etc|var)\//.test(value ?? '')), [])
})
