import t from 'tap'
import { Fault } from '../../contract/fault.ts'
import type { StageName } from '../../contract/report.ts'
import { bringUp, type Event } from '../../guest-bootstrap/engine.ts'
import type { Stage } from '../../guest-bootstrap/stage.ts'
import { machine } from './machine.ts'

type Step = 'ok' | Fault | Error

/** A stage that goes through a list of outcomes, one a try, and is done after an `ok` until `undone()`. */
function scripted(name: StageName, steps: Step[], trace: string[], pace?: Stage['pace']): Stage & { undone(): void } {
  let done = false
  return {
    name,
    purpose: '',
    ...(pace ? { pace } : {}),
    undone: () => void (done = false),
    async done() {
      trace.push(`${name}?`)
      return done
    },
    async run() {
      trace.push(name)
      const step = steps.shift() ?? 'ok'
      if (step !== 'ok') throw step
      done = true
      return `did ${name}`
    },
  }
}

const short = ({ stage, state, attempt, note, next, fault }: Event): unknown[] => [stage, state, attempt, fault?.code ?? note, next].filter((value) => value !== undefined)

t.test('stages run in their order, each with begun and done', async (t) => {
  const { system } = machine(t)
  const said: Event[] = []
  const trace: string[] = []
  await bringUp([scripted('identify', [], trace), scripted('network', [], trace)], system, { announce: (event) => said.push(event), chance: () => 0 })
  t.same(trace, ['identify?', 'identify', 'network?', 'network'])
  t.same(said.map(short), [
    ['identify', 'begun', 1],
    ['identify', 'done', 1, 'did identify'],
    ['network', 'begun', 1],
    ['network', 'done', 1, 'did network'],
  ])
})

t.test('what is done already is said once and not run', async (t) => {
  const { system } = machine(t)
  const said: Event[] = []
  const trace: string[] = []
  const already = { ...scripted('identify', [], trace), done: async () => true }
  const failing = scripted('network', [new Fault('HOST_REFUSED'), new Fault('HOST_REFUSED')], trace)
  await bringUp([already, failing], system, { announce: (event) => said.push(event), chance: () => 0 })
  t.same(said.map(short), [
    ['identify', 'done', 1, 'as it should be already'],
    ['network', 'begun', 1],
    ['network', 'failed', 1, 'HOST_REFUSED', 1],
    ['network', 'failed', 2, 'HOST_REFUSED', 2],
    ['network', 'done', 3, 'did network'],
  ])
})

t.test('after a failure it starts again from the first stage that is no longer done', async (t) => {
  const { system } = machine(t)
  const said: Event[] = []
  const trace: string[] = []
  const enrol = scripted('enrol', [], trace)
  const steps = [new Fault('CREDENTIAL_REFUSED')]
  const fetch: Stage = {
    ...scripted('fetch', [], trace),
    async run() {
      const step = steps.shift()
      if (!step) return 'did fetch'
      enrol.undone()
      throw step
    },
  }
  await bringUp([enrol, fetch], system, { announce: (event) => said.push(event), chance: () => 0 })
  t.same(said.map(short), [
    ['enrol', 'begun', 1],
    ['enrol', 'done', 1, 'did enrol'],
    ['fetch', 'begun', 1],
    ['fetch', 'failed', 1, 'CREDENTIAL_REFUSED', 1],
    ['enrol', 'begun', 1],
    ['enrol', 'done', 1, 'did enrol'],
    ['fetch', 'done', 2, 'did fetch'],
  ])
})

const waits: { title: string; fault: Error; pace?: Stage['pace']; expected: number[] }[] = [
  { title: 'passing faults wait 15 s at most', fault: new Fault('HOST_REFUSED'), expected: [1, 2, 4, 8, 15, 15] },
  { title: 'operator faults wait 30 s at most', fault: new Fault('TOKEN_REFUSED'), expected: [1, 2, 4, 8, 16, 30] },
  { title: "a stage's own pace counts", fault: new Fault('AMQP_REFUSED'), pace: { passing: 3 }, expected: [1, 2, 3, 3, 3, 3] },
  { title: 'who says how long to wait at least is heeded, and never shortens a wait', fault: new Fault('TOO_MANY_ATTEMPTS', {}, '', { wait: 3 }), expected: [3, 3, 4, 8, 15, 15] },
  { title: 'but not for a day', fault: new Fault('HOST_FAILED', {}, '', { wait: 86_400 }), expected: [600, 600] },
  { title: 'what nobody foresaw is a passing fault', fault: new Error('boom'), expected: [1, 2, 4, 8, 15, 15] },
]
for (const { title, fault, pace, expected } of waits) {
  t.test(title, async (t) => {
    const { system, clock } = machine(t)
    await bringUp([scripted('network', Array<Error>(expected.length).fill(fault) as Step[], [], pace)], system, { announce: () => {}, chance: () => 0 })
    t.same(clock.slept, expected)
  })
}

t.test('an unexpected error is reported with its message, a full or read-only disk with its own code', async (t) => {
  const { system } = machine(t)
  const said: Event[] = []
  const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })
  const readOnly = Object.assign(new Error('EROFS: read-only file system, open'), { code: 'EROFS', path: '/etc/x' })
  const stage = scripted('configure', [new Error('boom'), full, readOnly], [])
  await bringUp([stage], system, { announce: (event) => said.push(event), chance: () => 0 })
  t.same(
    said.flatMap(({ fault }) => (fault ? [[fault.code, fault.message, fault.details]] : [])),
    [
      ['UNEXPECTED', 'unexpected error: boom', {}],
      ['DISK_FULL', 'not enough free space: free some space', {}],
      ['DISK_READ_ONLY', 'the file system is read-only: /etc/x: look at the kernel log for why, then: mount -o remount,rw /', { path: '/etc/x' }],
    ],
  )
})

t.test('a fault that done() throws counts as a try of that stage', async (t) => {
  const { system, clock } = machine(t)
  const said: Event[] = []
  const faults = [new Fault('CREDENTIAL_REFUSED'), new Fault('CREDENTIAL_REFUSED')]
  const stage: Stage = {
    ...scripted('fetch', [], []),
    async done() {
      const fault = faults.shift()
      if (fault) throw fault
      return true
    },
  }
  await bringUp([stage], system, { announce: (event) => said.push(event), chance: () => 0 })
  t.same(said.map(short), [
    ['fetch', 'failed', 1, 'CREDENTIAL_REFUSED', 1],
    ['fetch', 'failed', 2, 'CREDENTIAL_REFUSED', 2],
    ['fetch', 'done', 1, 'as it should be already'],
  ])
  t.same(clock.slept, [1, 2])
})

t.test('a failure that repeats for an hour is said about once a minute, a new one at once', async (t) => {
  const { system } = machine(t)
  const said: Event[] = []
  const steps: Step[] = [...Array<Step>(150).fill(new Fault('AMQP_REFUSED', { host: 'a' })), new Fault('AMQP_SILENT', { host: 'a' })]
  await bringUp([scripted('reach-rabbitmq', steps, [])], system, { announce: (event) => said.push(event), chance: () => 0 })
  const refused = said.filter(({ fault }) => fault?.code === 'AMQP_REFUSED')
  t.ok(refused.length > 30 && refused.length < 45, `${refused.length} lines in 37 minutes`)
  t.equal(said.filter(({ fault }) => fault?.code === 'AMQP_SILENT').length, 1)
  t.equal(refused.at(-1)!.attempt > 140, true)
})

t.test('what can be done while a stage waits is begun at its failure, once at a time, ended when the stage is done, and never decides anything', async (t) => {
  const { system } = machine(t)
  const ends: PromiseWithResolvers<void>[] = []
  const signals: AbortSignal[] = []
  const stage: Stage = {
    ...scripted('reach-rabbitmq', Array<Step>(3).fill(new Fault('AMQP_REFUSED')), []),
    meanwhile(_system, signal) {
      signals.push(signal)
      ends.push(Promise.withResolvers<void>())
      return ends.at(-1)!.promise
    },
  }
  await bringUp([stage], system, { announce: () => {}, chance: () => 0 })
  t.equal(ends.length, 1)
  t.equal(signals[0]!.aborted, true)
  ends[0]!.reject(new Error('nobody minds'))
})
