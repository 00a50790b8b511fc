import { readFileSync } from 'node:fs'
import t from 'tap'
import { Value } from 'typebox/value'
import { diagnose } from '../../diagnosis/diagnose.ts'
import { Evidence } from '../../diagnosis/evidence.ts'
import { explain } from '../../diagnosis/explain.ts'
import { seededRandom } from '../guests/seeded-random.ts'
import { AT, brokerOf, evidenceOf, recordOf, troveOf } from './seen-of.ts'

const SEED = Number(process.env['SEED'] ?? 20260801)
const ROUNDS = 3000

/** Text that a parser, a terminal or a hasty `!` may stumble over; some of it almost right. */
const ODD = [
  '', ' ', '\u202e', 'x'.repeat(500), '\\', '"', '$(id)', '-1', 'NaN', '2026-99-99T99:99:99Z', '2026-01-01 12:00:00', '9999999999999', '__proto__', 'constructor', 'healthy', 'new', 'failed to spawn',
  'trovestrap[1]: stage=fetch state=begun', 'trovestrap[1]: stage=nowhere state=odd code=', 'trovestrap[1]: stage=ready state=failed code=AGENT_FAILED last="', 'trovestrap[1]: stage=reach-rabbitmq state=failed code=AMQP_REFUSED attempt=x',
  'RuntimeError: The guest_id parameter is not set.', 'Connection failed: [Errno 111] ECONNREFUSED', 'Kernel panic - not syncing', 'trovestrap-guest.service', 'kernel', '/etc/trove/conf.d/x.conf', '127.0.0.1', '::1', '%s',
]
const NUMBERS = [0, -1, 1, 5672, 1e18, -0.5, 2 ** 31]

t.test(`odd evidence ends nothing: ${ROUNDS} documents from seed ${SEED}`, async (t) => {
  const random = seededRandom(SEED)
  const pick = <One>(list: readonly One[]): One => list[Math.floor(random() * list.length)]!
  const broken = new Set<string>()
  let judged = 0
  for (let round = 0; round < ROUNDS; round += 1) {
    const evidence = mutated(whole(), pick, random)
    if (!Value.Check(Evidence, evidence)) continue
    judged += 1
    try {
      const diagnosis = diagnose(evidence)
      diagnosis.broken.forEach((id) => broken.add(id))
      explain(diagnosis, { width: 80, now: new Date(AT), color: true })
    } catch (error) {
      t.fail(`round ${round}: ${(error as Error).stack}`, { evidence })
      return
    }
  }
  t.ok(judged >= 400, `${judged} of them are evidence by the schema`)
  t.same([...broken], [], 'and no cause stumbles')
})

/** One of everything, so that there is something to change everywhere. */
function whole(): Evidence {
  const line = 'trovestrap[1]: stage=reach-rabbitmq state=failed code=AMQP_LOGIN_REFUSED host=10.0.2.2 port=5672 user=trove attempt=6'
  return evidenceOf({
    record: { ...recordOf({ stage: 'fetch', state: 'done', ago: 99 }, { stage: 'reach-rabbitmq', state: 'failed', code: 'AMQP_REFUSED', ago: 41 }), refused: [{ at: AT, address: '10.0.2.15', code: 'TOKEN_REFUSED' }], served: [{ what: 'config', at: AT, status: 200 }] },
    broker: { ...brokerOf(0, 1), inside: { from: 'rabbitmqctl', vhosts: ['/'], users: ['trove'], permissions: [{ vhost: '/', user: 'trove', configure: '.*', write: '', read: '' }], alarms: ['disk'], connections: [{ user: 'trove', vhost: '/', peer: 'a', state: 'running' }], bindings: [], everywhere: [{ vhost: '/', messages: 1, consumers: 0 }] } },
    broker_log: { name: 'rabbitmq', path: '/var/log/rabbitmq/a.log', lines: ["2026-01-01 12:00:00.1 [error] user 'trove' - invalid credentials"] },
    console: { from: 'a file', lines: ['login:', line] },
    guest: {
      via: 'debug@10.0.2.15:22', clock_offset: 1, uptime: 100, units: [{ name: 'trovestrap-agent.service', load: 'loaded', active: 'failed', sub: 'failed', result: 'exit-code', status: 1, code: 'exited', restarts: 3, enabled: 'static' }],
      journals: { kernel: ['Out of memory: Killed process 1 (python3)'], 'trovestrap-guest.service': [line], 'trovestrap-agent.service': ['Traceback'] }, logs: { '/var/log/trove/trove-guestagent.log': ['ERROR x'] },
      cloud_init: { errors: [''], datasource: 'x' }, config: [{ section: 'DEFAULT', option: 'guest_id', value: 'x', file: '/etc/trove/conf.d/a.conf' }], transport: { hosts: [{ host: '10.0.2.2', port: 5672, user: 'trove' }], vhost: '/', file: 'a' },
      config_faults: [{ file: 'a', why: 'b' }], files: [{ path: '/etc/trove/conf.d/guest_info.conf', exists: true, mode: '0644', owner: 'root:root' }], addresses: [{ interface: 'eth0', address: '10.0.2.15/24' }],
      routes: ['default via 10.0.2.2 dev eth0'], paths: [{ to: '10.0.2.2', route: '10.0.2.2 dev eth0 src 10.0.2.15' }], probes: [{ host: '10.0.2.2', port: 5672, outcome: 'refused' }], nameservers: ['10.0.2.3'],
      disks: [{ mount: '/', source: '/dev/vda1', size: 4e9, free: 1e9 }], devices: ['/dev/vda'], memory: { total: 1e9, available: 1e8 }, sudo: { ok: true, seconds: 0.1 }, agent_sudo: { ok: true }, accounts: [{ name: 'trove', uid: 1001 }], python: '3.11.2',
      docker: { answers: false, containers: [], images: [], said: 'x' },
    },
    trove: { ...troveOf('building', 12), fault: { message: 'Polling request timed out.', details: 'a\nb' } },
    nova: { server: { id: 'x', status: 'ACTIVE', addresses: [{ network: 'n', address: '10.0.2.15' }], fault: { message: 'No valid host' } } },
    neutron: { ports: [{ id: 'x', status: 'DOWN', addresses: ['10.0.2.15'], network: 'n', security_groups: ['g'] }], rules: [{ group: 'g', direction: 'ingress' }], networks: [{ id: 'n', name: 'n', mtu: 1450 }] },
    trove_logs: [{ name: 'trove-conductor', path: '/var/log/trove/c.log', lines: ['OperationalError'] }],
    machine: {
      listening: [{ address: '0.0.0.0', port: 5672 }], forward: { policy: 'DROP', from: 'iptables' }, host_server: { configured: true, port: 15555, listening: false, faults: [{ part: 'source', message: 'gone' }] },
      trove_conf: { file: { path: '/etc/trove/trove.conf', readable: true }, options: { control_exchange: 'trove' }, templates: [{ path: 'x', problem: 'y' }] },
      guest_config: { file: { path: 'a', readable: true }, options: {}, findings: [{ level: 'error', option: 'transport_url', message: 'm', mend: 'n' }] },
    },
  })
}

type Pick = <One>(list: readonly One[]) => One

/** The same with a few leaves changed, lists emptied or doubled, and whole sources or single optional parts gone. */
function mutated(value: Evidence, pick: Pick, random: () => number): Evidence {
  const turn = (one: unknown): unknown => {
    if (typeof one === 'string') return random() < 0.06 ? pick(ODD) : one
    if (typeof one === 'number') return random() < 0.06 ? pick(NUMBERS) : one
    if (typeof one === 'boolean') return random() < 0.1 ? !one : one
    if (Array.isArray(one)) return (random() < 0.05 ? [] : random() < 0.05 ? [...one, ...one] : one).map(turn)
    if (typeof one !== 'object' || one === null) return one
    return Object.fromEntries(Object.entries(one).flatMap(([key, inner]) => (random() < 0.005 ? [] : [[random() < 0.005 ? pick(ODD) : key, turn(inner)]])))
  }
  const { format, instance, trovestrap, looked, at, ...seen } = value
  const kept = Object.fromEntries(Object.entries(seen).filter(() => random() < 0.7))
  return { format, instance, trovestrap, looked, at, ...(turn(kept) as Partial<Evidence>) }
}

t.test('a guest whose clock is off by more than there are dates is judged all the same', async (t) => {
  const judged = ['kernel-panic', 'login-refused', 'no-address', 'prepare-lost'].map((name) => {
    const evidence = JSON.parse(readFileSync(new URL(`recordings/${name}.json`, import.meta.url), 'utf8')) as Evidence
    // Without host-server's record and times of its own only the guest's journal says when.
    const { record: _record, ...rest } = evidence
    return diagnose({ ...rest, ...(rest.guest ? { guest: { ...rest.guest, clock_offset: 1e300 } } : {}) } as Evidence).broken
  })
  t.same(judged, [[], [], [], []])
})
