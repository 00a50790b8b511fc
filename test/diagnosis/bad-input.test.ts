import t from 'tap'
import { diagnose } from '../../diagnosis/diagnose.ts'
import { explain } from '../../diagnosis/explain.ts'
import { scrubEvidence } from '../../diagnosis/scrub-evidence.ts'
import { evidenceOf } from './evidence-of.ts'
import { AT, recordOf } from './seen-of.ts'

/** As many and as long as the schema allows. */
const LINES = 2000
const LONG = 1990
/** Seconds; what is not linear takes minutes. */
const BOUND = 10

/** Almost what a pattern looks for, again and again, so that one which tries every way through a line tries for long. */
const ALMOST = [
  "error: command 'cccccccc",
  ' ',
  'a=',
  'a://',
  "'",
  '[]: ',
  '\u001b[',
  '\u001b]',
  '0-',
  '/a',
  '/a.b ',
  'Error: ',
  'password',
  'SET PASSWORD ',
  '-----BEGIN PRIVATE KEY',
  "user 'a ",
  'Traceback (most recent call last): ',
  'trovestrap[1]: stage=',
]
const BEFORE = ['', 'trovestrap[1]: stage=install-requirements state=failed code=PIP_FAILED message="', '2026-01-01 12:00:00.1 ERROR ']

t.test('lines that are made to be slow to read are judged in bounded time', async (t) => {
  const slow = ALMOST.map((almost) => BEFORE.map((before) => (before + almost.repeat(LONG)).slice(0, LONG)))
  for (const [at, kinds] of slow.entries()) {
    const lines = Array.from({ length: LINES }, (_, line) => `${kinds[line % kinds.length]!}${line}`)
    const evidence = evidenceOf({
      at: AT,
      record: recordOf({ stage: 'install-requirements', state: 'failed', code: 'PIP_FAILED', ago: 50 }),
      console: lines,
      guest: { journals: { 'trovestrap-agent.service': lines, 'trovestrap-guest.service': lines } },
      broker_log: lines,
      conductor: lines,
    })
    const began = performance.now()
    const diagnosis = diagnose(scrubEvidence(evidence, ['one-that-is-known']))
    const said = explain(diagnosis, { width: 100, now: new Date(AT), color: false })
    const took = (performance.now() - began) / 1000
    t.ok(took < BOUND, `${JSON.stringify(ALMOST[at])}: ${took.toFixed(1)} s`)
    t.same(diagnosis.broken, [])
    t.ok(said.split('\n').length < 100, 'and told on a screen')
  }
})
