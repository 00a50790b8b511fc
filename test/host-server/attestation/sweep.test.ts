import t from 'tap'
import { startSweep, sweep, type SweepParts } from '../../../host-server/attestation/sweep.ts'

const OPEN = new AbortController().signal

function partsOf(changed: Partial<SweepParts & SweepParts['attestor']> = {}) {
  const asked: string[] = []
  const revoked: string[] = []
  const said: string[] = []
  const attestor = {
    live: changed.live ?? (async () => new Set(['here'])),
    isGone: async (instance: string) => {
      asked.push(instance)
      return await (changed.isGone ?? (async () => instance === 'deleted'))(instance)
    },
  }
  const enrolled = changed.enrolled ?? (() => ['here', 'deleted', 'stranger'])
  return { asked, revoked, said, parts: { attestor, enrolled, revoke: (one: string, why: string) => void revoked.push(`${one}: ${why}`), warn: (line: string) => void said.push(line), every: 1, ...('revoke' in changed ? { revoke: changed.revoke! } : {}) } satisfies SweepParts }
}

t.test('what Trove has deleted is revoked; what it has is not even asked for, what it never had stays', async (t) => {
  const { parts, asked, revoked } = partsOf()
  t.same(await sweep(parts, OPEN), ['deleted'])
  t.same(asked, ['deleted', 'stranger'])
  t.same(revoked, ['deleted: Trove has deleted it'])
})

t.test('a list that could not be had revokes nothing, an empty one neither', async (t) => {
  const unasked = partsOf({ live: async () => undefined })
  t.same(await sweep(unasked.parts, OPEN), [])
  t.same(unasked.asked, [])
  const otherRegion = partsOf({ live: async () => new Set<string>(), isGone: async () => undefined })
  t.same(await sweep(otherRegion.parts, OPEN), [])
  t.same(otherRegion.asked, ['here', 'deleted', 'stranger'])
})

t.test('nobody is asked where nobody is enrolled', async (t) => {
  const { parts } = partsOf({ enrolled: () => [], live: async () => t.fail('asked') as never })
  t.same(await sweep(parts, OPEN), [])
})

t.test('it asks about one after the other, and ends between two when it is closed', async (t) => {
  const closing = new AbortController()
  const { parts, asked, revoked } = partsOf({
    isGone: async () => {
      closing.abort()
      return true
    },
  })
  await sweep(parts, closing.signal)
  t.same(asked, ['deleted'])
  t.same(revoked.length, 1)
})

t.test('a store that fails is said, and the next sweep goes on', async (t) => {
  const tries = Promise.withResolvers<void>()
  let calls = 0
  const { parts, said } = partsOf({
    revoke: () => {
      if (++calls === 3) tries.resolve()
      throw new Error('database is locked')
    },
  })
  const sweeping = startSweep(parts)
  await tries.promise
  await sweeping.close()
  t.ok(said.length >= 3)
  t.match(said[0], 'an instance that Trove has deleted could not be revoked: database is locked')
})

t.test('it sweeps again and again until it is closed, and close waits for the one that runs', async (t) => {
  const third = Promise.withResolvers<void>()
  let sweeps = 0
  const { parts } = partsOf({
    live: async () => {
      if (++sweeps === 3) third.resolve()
      return new Set(['here', 'deleted', 'stranger'])
    },
  })
  const sweeping = startSweep(parts)
  await third.promise
  await sweeping.close()
  const at = sweeps
  await new Promise(setImmediate)
  t.equal(sweeps, at)
  await sweeping.close()
})
