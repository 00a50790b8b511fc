import t from 'tap'
import { scratch } from '../small-image.ts'
import { killedBuilds, VICTIMS } from './killed-builds.ts'

/** A share: every kind of process once, and the build twice. All of it: npm run test:killed */
const COUNT = VICTIMS.length + 1
const SEED = 5

t.test('of a build one process is killed: BASE is untouched, nothing is left, and the next build works', async (t) => {
  for await (const { number, victim, step, how, wrong } of killedBuilds(scratch(t.teardown), COUNT, SEED)) t.equal(wrong, undefined, `${number} ${victim} at "${step}": ${how}`)
})
