import t from 'tap'
import { Offers } from '../../../host-server/follow/offers.ts'
import type { Offer } from '../../../host-server/offer/offer.ts'

const offer = (revision: string) => ({ manifest: { revision } }) as Offer

t.test('who waits hears of the next offer, all of them, once', async (t) => {
  const offers = new Offers(offer('a'))
  const waiting = [1, 2, 3].map(() => offers.changed(new AbortController().signal).then(() => offers.now.manifest.revision))
  offers.replace(offer('b'))
  t.same(await Promise.all(waiting), ['b', 'b', 'b'])
  t.equal(offers.now.manifest.revision, 'b')
})

t.test('who is no longer interested waits no longer', async (t) => {
  const offers = new Offers(offer('a'))
  const gone = new AbortController()
  const waiting = offers.changed(gone.signal)
  gone.abort()
  await waiting
  await offers.changed(AbortSignal.abort())
  t.pass('both have ended')
})
