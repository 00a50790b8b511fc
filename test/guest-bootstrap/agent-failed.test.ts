import { Value } from 'typebox/value'
import t, { type Test } from 'tap'
import { GUEST, UNITS } from '../../contract/paths.ts'
import { Report } from '../../contract/report.ts'
import { agentFailed } from '../../guest-bootstrap/agent-failed.ts'
import { MEMORY, recall, remember } from '../../guest-bootstrap/memory.ts'
import type { AmqpSession } from '../../guest-bootstrap/system.ts'
import { INSTANCE, machine, type Machine } from './machine.ts'

const CRASH = `2026-11-22 12:00:00.1 99 INFO trove [-] starting
RuntimeError: no route to k3y-of-32-characters
trovestrap-agent.service: Main process exited, code=exited, status=1/FAILURE
trovestrap-agent.service: Failed with result 'exit-code'.
`

interface Guest extends Machine {
  /** Properties of the agent's unit. */
  unit: Record<string, string | number>
  journal: string
  consumers: number | undefined
  host: 'well' | 'away' | 'silent'
  sent: Report[]
  said: Report[]
  look(): Promise<number>
}

/** A guest whose agent was heard and has ended with status 1. */
function guest(t: Test): Guest {
  const sent: Report[] = []
  const said: Report[] = []
  const session = { product: 'RabbitMQ', consumers: async () => it.consumers, close: async () => {} } as unknown as AmqpSession
  const empty = async function* () {}
  const it: Guest = Object.assign(
    machine(t, {
      programs: (program, args) => {
        if (program === 'journalctl') return { stdout: it.journal }
        if (args[0] === 'show') return { stdout: Object.entries(it.unit).map(([name, value]) => `${name}=${value}\n`).join('') }
        return {}
      },
      changed: {
        amqp: async () => session,
        async http({ url, json }) {
          if (it.host === 'silent') return new Promise(() => {})
          if (it.host === 'away') throw Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })
          t.equal(url, `https://h:1/v1/reports/${INSTANCE}`)
          sent.push(...(json as Report[]))
          return { status: 204, headers: {}, body: empty() }
        },
      },
    }),
    {
      unit: { ActiveState: 'activating', SubState: 'auto-restart', NRestarts: 2, ExecMainStatus: 1, ExecMainCode: 1, Result: 'exit-code', ActiveEnterTimestampMonotonic: 0 },
      journal: CRASH,
      consumers: 1,
      host: 'well' as const,
      sent,
      said,
      look: () => agentFailed(it.system, [(report) => said.push(report)]),
    },
  )
  // A limit comes after whatever answers at once.
  const { sleep } = it.system.clock
  it.system.clock.sleep = async (seconds) => (await new Promise((resolve) => setImmediate(resolve)), sleep(seconds))
  it.put('/proc/sys/kernel/random/boot_id', '0b8f1c5e-1111-4111-8111-111111111111\n')
  it.put(GUEST.servedConfig, '[DEFAULT]\ntransport_url = rabbit://trove:s3cret-pass@127.0.0.1/trove\ninstance_rpc_encr_key = k3y-of-32-characters\n')
  const { files } = it.system
  remember(files, MEMORY.identity, { instance: INSTANCE, urls: ['https://h:1'], source: '' })
  remember(files, MEMORY.host, { url: 'https://h:1', uptime: 0 })
  remember(files, MEMORY.enrolment, { instance: INSTANCE, secret: 's'.repeat(43), granted: { instance: INSTANCE, expires: '2030-01-01', signing_keys: [], at: 0 } })
  remember(files, MEMORY.heard, { restarts: 2 })
  return it
}

const running = (restarts: number, since: number) => ({ ActiveState: 'active', SubState: 'running', NRestarts: restarts, ExecMainStatus: 0, ExecMainCode: 0, Result: 'success', ActiveEnterTimestampMonotonic: since * 1e6 })

t.test('an agent that ends after it was heard is told of on the console and to the host, with its last lines and without secrets', async (t) => {
  const it = guest(t)
  t.equal(await it.look(), 75, 'and is looked at again')
  t.same(it.said, it.sent)
  t.match(it.sent, [
    {
      stage: 'ready',
      state: 'failed',
      attempt: 1,
      fault: {
        code: 'AGENT_FAILED',
        message: 'the Trove agent was heard, and has ended since: ended with status 1: RuntimeError: no route to ***',
        details: { unit: UNITS.agent, status: 1, restarts: 2, last: 'RuntimeError: no route to ***', lines: /^INFO starting\nRuntimeError: no route to \*\*\*\n/ },
      },
    },
  ])
  t.same([...Value.Errors(Report, it.sent[0])], [])
})

t.test('the same end again is told a minute later at the earliest, another one at once', async (t) => {
  const it = guest(t)
  for (const restarts of [2, 3, 4]) {
    it.unit['NRestarts'] = restarts
    t.equal(await it.look(), 75)
    it.clock.uptime += 12
  }
  t.equal(it.sent.length, 1)
  it.unit['NRestarts'] = 5
  it.journal = 'ModuleNotFoundError: No module named \'eventlet\'\n'
  await it.look()
  t.match(it.sent[1], { attempt: 4, fault: { details: { restarts: 5, last: /eventlet/ } } })
  t.notSame(it.sent[0]!.run, it.sent[1]!.run)
})

t.test('one that is heard again and has run for a while is told so, once, and then nothing is looked for', async (t) => {
  const it = guest(t)
  await it.look()
  it.unit = running(3, it.clock.uptime)
  it.clock.uptime += 20
  t.equal(await it.look(), 75, 'not yet')
  it.clock.uptime += 40
  it.consumers = 0
  t.equal(await it.look(), 75, 'it runs, but is not heard')
  it.consumers = 1
  t.equal(await it.look(), 0)
  t.match(it.sent[1], { stage: 'ready', state: 'done', note: `${UNITS.agent} is heard again and runs since 60 s; it had ended once`, fault: undefined })
  t.equal(await it.look(), 0)
  t.equal(it.sent.length, 2)
  it.unit = { ...it.unit, ActiveState: 'activating', SubState: 'auto-restart', Result: 'exit-code', ExecMainStatus: 1, ExecMainCode: 1 }
  await it.look()
  t.match(it.sent[2], { state: 'failed', attempt: 1 })
})

t.test('an end with status 0 is an end, and one that is looked at after systemd has started the unit again is told with what its journal has', async (t) => {
  const zero = guest(t)
  zero.unit = { ...zero.unit, Result: 'success', ExecMainStatus: 0 }
  await zero.look()
  t.match(zero.sent, [{ state: 'failed', fault: { details: { status: 0 } } }])

  const late = guest(t)
  late.unit = running(3, 10)
  late.journal = `${CRASH}trovestrap-agent.service: Scheduled restart job, restart counter is at 3.\nStarted trovestrap-agent.service - Trove guest agent.\n`
  await late.look()
  t.match(late.sent, [{ state: 'failed', fault: { details: { status: 1, restarts: 3, last: /^RuntimeError/ } } }])
})

t.test('an agent that the kernel killed for its memory is told of as that', async (t) => {
  const it = guest(t)
  it.unit = { ...it.unit, Result: 'oom-kill', ExecMainStatus: 9, ExecMainCode: 2 }
  it.journal = '2026-11-22 12:00:00.1 99 INFO trove [-] working\ntrovestrap-agent.service: A process of this unit has been killed by the OOM killer.\n'
  await it.look()
  t.match(it.sent, [{ fault: { message: /ended by signal 9: killed by the kernel, which ran out of memory/, details: { result: 'oom-kill', last: /out of memory \(oom-kill\); before that: working/ } } }])
})

t.test('of an agent that a signal ended its last line is told, and no exception from before is taken for the reason', async (t) => {
  const it = guest(t)
  it.unit = { ...it.unit, Result: 'signal', ExecMainStatus: 9, ExecMainCode: 2 }
  it.journal = 'RuntimeError: dealt with\n2026-11-22 12:00:00.1 99 INFO trove [-] working\ntrovestrap-agent.service: Main process exited, code=killed, status=9/KILL\n'
  await it.look()
  t.match(it.sent, [{ fault: { message: /ended by signal 9; its last line: working$/, details: { result: 'signal', last: 'working' } } }])
})

const silent: [string, (it: Guest) => void][] = [
  ['while the daemon itself brings the agent up', (it) => it.system.files.remove(MEMORY.heard.path)],
  ['an agent that somebody has stopped', (it) => (it.unit = { ...running(2, 0), ActiveState: 'inactive', SubState: 'dead' })],
  ['an agent that somebody has stopped and that did not want to', (it) => (it.unit = { ...running(2, 0), ActiveState: 'failed', SubState: 'failed', Result: 'timeout' })],
  ['an agent that somebody has started anew', (it) => (it.unit = running(0, 5))],
]
for (const [title, change] of silent) {
  t.test(`nothing is told of ${title}`, async (t) => {
    const it = guest(t)
    change(it)
    t.equal(await it.look(), 0)
    t.same(it.said, [])
  })
}

t.test('a unit that is still on its way out is waited for', async (t) => {
  const it = guest(t)
  it.unit = { ...it.unit, ActiveState: 'deactivating', SubState: 'stop-post' }
  const sleep = it.system.clock.sleep
  const system = { ...it.system, clock: { ...it.system.clock, sleep: (seconds: number) => ((it.unit = { ...it.unit, ActiveState: 'activating', SubState: 'auto-restart' }), sleep(seconds)) } }
  await agentFailed(system, [(report) => it.said.push(report)])
  t.match(it.said, [{ state: 'failed' }])
})

t.test('what a host that is away does not take is kept for the next look, and holds nobody', async (t) => {
  for (const host of ['away', 'silent'] as const) {
    const it = guest(t)
    it.host = host
    const before = it.clock.uptime
    t.equal(await it.look(), 75)
    t.ok(it.clock.uptime - before <= 10)
    it.host = 'well'
    it.unit = { ...it.unit, NRestarts: 3 }
    await it.look()
    t.match(it.sent, [{ state: 'failed', attempt: 1 }])
    t.equal(recall(it.system.files, MEMORY.unsent), undefined)
  }
})

t.test('a guest that has found no host tries the addresses it knows; one that was never enrolled has nobody to tell', async (t) => {
  const alone = guest(t)
  remember(alone.system.files, MEMORY.host, { uptime: 0 })
  await alone.look()
  t.equal(alone.sent.length, 1)

  const stranger = guest(t)
  stranger.system.files.remove(MEMORY.enrolment.path)
  await stranger.look()
  t.same([stranger.said.length, stranger.sent.length, recall(stranger.system.files, MEMORY.unsent)], [1, 0, undefined])
})
