import t from 'tap'
import { startRemovingOld } from '../../host-server/remove-old.ts'

t.test('steps follow each other until nothing is left, and begin again later; a step that fails is said and tried again', async (t) => {
  const steps = [true, true, new Error('disk is full'), true, false]
  const warnings: string[] = []
  const { promise, resolve } = Promise.withResolvers<void>()
  const removing = startRemovingOld({
    step() {
      const next = steps.shift()
      if (next instanceof Error) throw next
      if (next === undefined) resolve()
      return next ?? false
    },
    warn: (line) => warnings.push(line),
    every: 1,
  })
  await promise
  await removing.close()
  t.same([steps, warnings], [[], ['records of instances that are long gone could not be removed: disk is full']])
})

t.test('nothing is removed once it is closed', async (t) => {
  let taken = 0
  const removing = startRemovingOld({ step: () => (taken++, true), warn: () => {} })
  await removing.close()
  t.equal(taken, 1)
})
