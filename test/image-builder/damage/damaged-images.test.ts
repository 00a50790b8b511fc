import t from 'tap'
import { scratch } from '../small-image.ts'
import { damagedBuilds } from './damaged-builds.ts'

/** A share: every kind of damage once. All of it: npm run test:damaged */
const COUNT = 22
const SEED = 20

t.test('a damaged image is built upon soundly or refused clearly; BASE stays as it is', async (t) => {
  for await (const { number, damage, how, wrong } of damagedBuilds(scratch(t.teardown), COUNT, SEED)) t.equal(wrong, undefined, `${number} ${damage}: ${how}`)
})
