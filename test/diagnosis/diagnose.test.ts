import t from 'tap'
import { diagnose } from '../../diagnosis/diagnose.ts'
import type { Evidence } from '../../diagnosis/evidence.ts'
import { AT, brokerOf, causeOf, evidenceOf, found, recordOf, troveOf } from './seen-of.ts'

const suspected = (...wants: ('guest' | 'broker' | 'trove')[]) => () => ({ undecided: 'may be', wants })

t.test('a cause that is found is the verdict, with what proves it and what mends it', async (t) => {
  const evidence = evidenceOf({ record: recordOf({ stage: 'network', state: 'failed', code: 'HOST_SILENT', attempt: 6, ago: 41 }), looked: { console: { seen: false, why: 'no file was named', took: 0 } } })
  const diagnosis = diagnose(evidence, [causeOf('C5', found('the port is dropped'))])
  t.match(diagnosis, {
    instance: evidence.instance,
    name: 'db-2',
    at: AT,
    verdict: 'cause',
    standing: { stage: 'network', state: 'failed', since_seconds: 41, text: 'waits in network for 41 s', last_sign: { source: 'record', at: '2026-01-01T12:04:19.000Z' } },
    findings: [{ id: 'C5', name: 'cause-c5', title: 'title of C5', phase: 'network', what: 'the port is dropped' }],
    symptoms: [],
    undecided: [],
    lines: [],
    broken: [],
  })
  t.same(diagnosis.not_seen[1], { source: 'broker_log', why: 'nobody looked there' })
  t.same(diagnosis.not_seen[2], { source: 'console', why: 'no file was named' })
  t.same(JSON.parse(JSON.stringify(diagnosis)), diagnosis, 'it is plain JSON')
})

t.test('of two independent causes the earlier phase is told first', async (t) => {
  const causes = [causeOf('I1', found('late'), { phase: 'prepare' }), causeOf('N1', found('early'), { phase: 'control-plane' })]
  t.same(diagnose(evidenceOf(), causes).findings.map(({ id }) => id), ['N1', 'I1'])
})

t.test('a symptom of a symptom is one of the root', async (t) => {
  const causes = [
    causeOf('A', found('root')),
    causeOf('B', found('symptom'), { symptomOf: ['A'], phase: 'boot' }),
    causeOf('C', found('symptom of the symptom'), { symptomOf: ['B', 'X'] }),
    causeOf('D', found('by itself'), { symptomOf: ['X'], phase: 'report' }),
  ]
  const { findings, symptoms } = diagnose(evidenceOf(), causes)
  t.same(findings.map(({ id }) => id), ['A', 'D'])
  t.same(symptoms.map(({ id, of }) => [id, of]), [['B', 'A'], ['C', 'A']])
})

t.test('causes that name each other do not silence each other: the earlier stays', async (t) => {
  const causes = [
    causeOf('A', found('a'), { symptomOf: ['C'], phase: 'report' }),
    causeOf('B', found('b'), { symptomOf: ['A', 'B'], phase: 'boot' }),
    causeOf('C', found('c'), { symptomOf: ['B'], phase: 'network' }),
    causeOf('D', found('d'), { symptomOf: ['C'], phase: 'control-plane' }),
  ]
  const { findings, symptoms } = diagnose(evidenceOf(), causes)
  t.same(findings.map(({ id }) => id), ['B'])
  t.same(symptoms.map(({ id, of }) => [id, of]), [['D', 'B'], ['C', 'B'], ['A', 'B']])
})

t.test('a suspicion counts where nothing is found, and the next look is the one that decides most', async (t) => {
  const causes = [causeOf('A', suspected('broker', 'guest')), causeOf('B', suspected('guest')), causeOf('C', suspected('trove'))]
  const diagnosis = diagnose(evidenceOf(), causes)
  t.match(diagnosis, { verdict: 'undecided', undecided: [{ id: 'A', undecided: 'may be', wants: ['broker', 'guest'] }, { id: 'B' }, { id: 'C' }], next: { source: 'guest', decides: ['A', 'B'] } })
  const certain = diagnose(evidenceOf(), [...causes, causeOf('D', found('it'))])
  t.match(certain, { verdict: 'cause', undecided: [], next: undefined })
})

t.test('what was seen already is no next look', async (t) => {
  const diagnosis = diagnose(evidenceOf({ broker: brokerOf(0) }), [causeOf('A', suspected('broker'))])
  t.match(diagnosis, { verdict: 'undecided', next: undefined })
})

t.test('an instance that Trove calls healthy has no suspicions', async (t) => {
  const maybe = [causeOf('A', suspected('guest'))]
  const table: [string, Partial<Evidence>][] = [
    ['with a fresh heartbeat', { trove: troveOf('healthy', 12) }],
    ['with an agent that is connected', { trove: troveOf('healthy', 12), broker: brokerOf(1), record: recordOf({ stage: 'ready', state: 'done', ago: 180 }) }],
  ]
  for (const [title, seen] of table) t.match(diagnose(evidenceOf(seen), maybe), { verdict: 'healthy', undecided: [], standing: { text: 'is healthy: Trove had its last heartbeat 12 s before' } }, title)
})

t.test('an agent that is heard is no proof that Trove is content: without Trove nobody calls it healthy', async (t) => {
  const ready = (ago: number) => recordOf({ stage: 'ready', state: 'done', ago })
  const table: [string, Partial<Evidence>, string, string][] = [
    ['connected', { record: ready(180), broker: brokerOf(1) }, 'coming-up', 'is ready for 3 min, its agent is connected; what Trove makes of it was not looked at'],
    ['ready by the daemon alone', { record: ready(180) }, 'coming-up', "is ready for 3 min, by its daemon's word; what Trove makes of it was not looked at"],
    ['for long', { record: ready(7200), broker: brokerOf(1) }, 'unknown', 'is ready for 2 h, its agent is connected; what Trove makes of it was not looked at'],
  ]
  for (const [title, seen, verdict, text] of table) t.match(diagnose(evidenceOf(seen), []), { verdict, standing: { stage: 'prepare', text }, next: verdict === 'unknown' ? { source: 'trove' } : undefined }, title)
})

t.test('an instance that took long is called late but healthy', async (t) => {
  const { verdict, standing } = diagnose(evidenceOf({ record: recordOf({ stage: 'ready', state: 'done', ago: 60 }), broker: brokerOf(1), trove: troveOf('healthy', 12, 1860) }), [])
  t.match({ verdict, text: standing.text }, { verdict: 'healthy', text: 'is late (30 min) but healthy: Trove had its last heartbeat 12 s before' })
})

t.test('what once was healthy is not for ever', async (t) => {
  const ready = { stage: 'ready', state: 'done', ago: 7200 }
  const table: [string, Partial<Evidence>][] = [
    ['the last heartbeat is old', { trove: troveOf('healthy', 900, 9000) }],
    ['no agent is connected, however fresh the heartbeat', { trove: troveOf('healthy', 20, 9000), broker: brokerOf(0), record: recordOf(ready) }],
    ['ready, and the agent is gone', { record: recordOf({ ...ready, ago: 60 }), broker: brokerOf(0) }],
    ['its agent failed after it was ready', { record: recordOf(ready, { stage: 'ready', state: 'failed', code: 'AGENT_FAILED', ago: 60 }), broker: brokerOf(1), trove: troveOf('healthy', 20) }],
    ['Trove gave it up before the agent was heard', { trove: { ...troveOf('healthy', 20, 9000), instance: { task: 0x5b } }, broker: brokerOf(1) }],
    ['the agent is connected, and prepare does not end', { record: recordOf(ready), broker: brokerOf(1), trove: troveOf('building', 7000, 7400) }],
  ]
  for (const [title, seen] of table) t.equal(diagnose(evidenceOf(seen), []).verdict, 'unknown', title)
})

t.test('while all is within its time an instance is coming up', async (t) => {
  const console = { from: 'a file', lines: ['trovestrap[9]: stage=fetch state=begun'] }
  const table: [string, Partial<Evidence>, string][] = [
    ['made a moment ago, no sign yet', { trove: troveOf('new', 100, 100) }, 'was made 100 s ago and has given no sign of life yet'],
    ['a stage has begun', { record: recordOf({ stage: 'fetch', state: 'begun', ago: 12 }) }, 'is in fetch for 12 s'],
    ['behind a stage that is done comes the next', { record: recordOf({ stage: 'configure', state: 'done', ago: 12 }) }, 'is in install-requirements for 12 s'],
    ['slower than on a real processor', { record: recordOf({ stage: 'install-requirements', state: 'begun', ago: 400 }) }, 'is in install-requirements for 6 min: simply slow, up to 10 min is usual under software emulation'],
    ['a passing fault that came once', { record: recordOf({ stage: 'network', state: 'failed', code: 'HOST_SILENT', ago: 4 }) }, 'waits in network for 4 s'],
    ['a console without times, of a young instance', { console, trove: troveOf('new', 200, 200) }, 'is in fetch; since when cannot be told from what was seen'],
    ['the agent is connected and prepares', { record: recordOf({ stage: 'ready', state: 'done', ago: 30 }), broker: brokerOf(1), trove: troveOf('building', 20) }, 'prepares its database for 30 s'],
  ]
  for (const [title, seen, text] of table) t.match(diagnose(evidenceOf(seen), []), { verdict: 'coming-up', standing: { text } }, title)
})

t.test('beyond that it is unknown, with the stage, the last sign of life and the lines that tell most', async (t) => {
  const console = { from: 'a file', lines: ['[    0.1] Linux', '[   12.0] foo: error -5', '[   13.0] foo: error -5', 'EXT4-fs: errors=remount-ro', 'trovestrap[9]: stage=fetch state=begun', 'login:'] }
  const diagnosis = diagnose(evidenceOf({ console, record: recordOf({ stage: 'fetch', state: 'begun', ago: 2400 }) }), [])
  t.match(diagnosis, {
    verdict: 'unknown',
    standing: { stage: 'fetch', state: 'begun', since_seconds: 2400, text: 'is in fetch for 40 min; more than 3 min is not usual', last_sign: { source: 'console', text: 'stage=fetch state=begun', at: '2026-01-01T11:25:00.000Z' } },
    next: { source: 'guest', decides: [] },
  })
  t.same(diagnosis.lines, [{ source: 'console', where: 'guest console', text: '[   13.0] foo: error -5' }])
})

t.test('a fault that nobody knows is unknown at once', async (t) => {
  const table: [string, Partial<Evidence>][] = [
    ['an operator has to mend it', { record: recordOf({ stage: 'enrol', state: 'failed', code: 'TOKEN_REFUSED', ago: 2 }) }],
    ['a passing one that does not pass', { record: recordOf({ stage: 'network', state: 'failed', code: 'HOST_SILENT', attempt: 3, ago: 20 }) }],
    ['a code of another release', { record: recordOf({ stage: 'network', state: 'failed', code: 'NEVER_HEARD', ago: 2 }) }],
    ['Trove has given it up', { trove: { ...troveOf('new', 3, 30), fault: { message: 'something' } } }],
    ['Trove calls it failed', { trove: troveOf('failed to spawn', 3, 30) }],
    ['nothing was seen at all', {}],
  ]
  for (const [title, seen] of table) t.equal(diagnose(evidenceOf(seen), []).verdict, 'unknown', title)
})

t.test('a cause that stumbles ends nothing, and is named', async (t) => {
  const causes = [causeOf('A', () => { throw new TypeError('of undefined') }), causeOf('B', found('it'))]
  t.match(diagnose(evidenceOf(), causes), { verdict: 'cause', findings: [{ id: 'B' }], broken: ['A'] })
})

t.test('of a journal the guest clock counts, put right by its offset', async (t) => {
  const guest = {
    via: 'debug@10.0.0.5:22', clock_offset: 3600, units: [], journals: { 'trovestrap-guest.service': ['2026-01-01T13:04:30+0000 db-2 trovestrap[9]: stage=confirm state=begun'] }, logs: {},
    config: [], config_faults: [], files: [], addresses: [], routes: [], paths: [], probes: [], nameservers: [], disks: [], devices: [], accounts: [],
  }
  t.match(diagnose(evidenceOf({ guest }), []).standing, { stage: 'confirm', since_seconds: 30 })
})
