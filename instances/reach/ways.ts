import type { SshAccess, SshTarget } from '../../diagnosis/collect/ssh/access.ts'
import { leadingTo } from './namespaces.ts'
import type { Place } from './places.ts'

/** Loopback, and what is no address of a guest's own. */
const NOWHERE = /^(?:127\.|0\.|169\.254\.|::1$|::ffff:127\.|fe80:|$)/i
const MOST = 24

/**
 * Every way to log in that may lead to the guest. A jump host or a namespace that is named is the only one.
 * @param access with `host` where the address was named: then it is the only address
 * @param names of the network namespaces that can be entered; none for who is not root
 */
export function waysTo(places: readonly Place[], access: SshAccess, names: readonly string[]): SshTarget[] {
  const where: readonly Place[] = access.host === undefined ? places.filter(({ address }) => !NOWHERE.test(address)) : [{ address: access.host }]
  const directly = where.map(({ address }): SshTarget => ({ ...access, host: address }))
  if (access.jump !== undefined || access.netns !== undefined) return directly.slice(0, MOST)
  const inside = where.flatMap(({ address, network }) => (network === undefined ? [] : leadingTo(network, names).map((netns): SshTarget => ({ ...access, host: address, netns }))))
  return [...directly, ...inside].slice(0, MOST)
}
