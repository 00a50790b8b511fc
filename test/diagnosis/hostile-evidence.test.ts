// Evidence may come from anybody, and what stands in it from a guest that is somebody else's. Nobody shall type, or see, what they meant him to.
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { Value } from 'typebox/value'
import { diagnose } from '../../diagnosis/diagnose.ts'
import { Evidence } from '../../diagnosis/evidence.ts'
import { explain } from '../../diagnosis/explain.ts'
import { seededRandom } from '../guests/seeded-random.ts'
import { spoiled, TAINT } from './hostile.ts'

const SEED = Number(process.env['SEED'] ?? 20261125)
/** Of the texts of one document; most of it has to be as it was, for causes to find what they look for. */
const SHARES = [0.01, 0.05, 0.3, 1]
const ROUNDS = 16
/** Three words that may stand in a command, and what is around them. */
const LONGEST = 1000
const SPEAKS = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069]/

const recordings = globSync('recordings/*.json', { cwd: import.meta.dirname }).sort()

t.test(`no stranger's text stands in a command or speaks to the terminal: ${recordings.length} recordings, ${ROUNDS} times each, from seed ${SEED}`, async (t) => {
  const random = seededRandom(SEED)
  let commands = 0
  for (const file of recordings) {
    const recorded = JSON.parse(readFileSync(join(import.meta.dirname, file), 'utf8')) as Evidence
    for (let round = 0; round < ROUNDS; round += 1) {
      const evidence = spoiled(recorded, random, SHARES[round % SHARES.length]!)
      if (!Value.Check(Evidence, evidence)) return t.fail(`${file}, round ${round}: what was made of it is no evidence`)
      const diagnosis = diagnose(evidence)
      const said = explain(diagnosis, { width: 100, now: new Date(evidence.at), color: false })
      const runs = [...diagnosis.findings, ...diagnosis.symptoms].flatMap(({ mend }) => mend).flatMap(({ run }) => run ?? [])
      const wrong = runs.filter((run) => TAINT.test(run) || run.length > LONGEST || !/^[\x20-\x7e]+$/.test(run))
      commands += runs.length
      if (wrong.length + diagnosis.broken.length > 0 || SPEAKS.test(said)) return t.fail(`${file}, round ${round}`, { wrong, broken: diagnosis.broken, said })
    }
  }
  t.ok(recordings.length === 0 || commands > recordings.length, `${commands} commands were looked at`)
})
