import { CannotSee, type CollectContext } from '../collector.ts'

/** Loopback, and the address that every guest of QEMU's user network has. */
const NOWHERE = /^(?:127\.|10\.0\.2\.|0\.|::1$|::ffff:127\.|$)/

/** Where the guest is: as host-server heard it, else as Nova gave it. @throws CannotSee */
export async function addressOfGuest(context: Pick<CollectContext, 'seenBy'>): Promise<string> {
  const heard = (await context.seenBy('record'))?.view?.address
  if (heard !== undefined && !NOWHERE.test(heard)) return heard.replace(/^::ffff:/, '')
  const given = (await context.seenBy('nova'))?.server?.addresses ?? []
  // The operator's side of a guest: the fixed address of the management network comes first, a floating one is a way around.
  const address = given.toSorted((a, b) => Number(a.kind === 'floating') - Number(b.kind === 'floating')).find(({ address }) => !NOWHERE.test(address))
  if (address === undefined) throw new CannotSee('no address of the guest is known; --ssh USER@HOST')
  return address.address
}
