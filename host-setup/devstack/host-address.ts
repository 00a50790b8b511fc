import { isIPv4 } from 'node:net'
import { networkInterfaces } from 'node:os'
import { HostError } from '../host-error.ts'
import type { Run } from '../run-command.ts'

/** Of TEST-NET-2 (RFC 5737): it is only looked up in the routing table. */
const ELSEWHERE = '198.51.100.1'

/** The address from which this host would send to the world: that of its default route. @throws HostError where there is none */
export async function addressOfDefaultRoute(run: Run): Promise<string> {
  let said: string
  try {
    said = await run({ program: 'ip', args: ['-json', '-4', 'route', 'get', ELSEWHERE] })
  } catch (error) {
    throw new HostError('this host has no default route, so its address has to be said.\n  --host-ip ADDRESS', 'usage', { cause: error })
  }
  const [route] = JSON.parse(said) as { prefsrc?: string }[]
  if (route?.prefsrc === undefined || !isIPv4(route.prefsrc)) throw new HostError('the address of the default route is not known.\n  --host-ip ADDRESS')
  return route.prefsrc
}

/** Whether an address is one of this host's. */
export function isHere(address: string): boolean {
  return Object.values(networkInterfaces()).some((list) => list?.some((one) => one.address === address))
}
