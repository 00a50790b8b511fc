import type { GuestSeen } from '../../evidence.ts'

type Address = GuestSeen['addresses'][number]
const MOST = 200

/** Reads `ip addr`: one entry an address; an interface without any is not there. */
export function addressesOf(text: string | undefined): Address[] {
  const addresses: Address[] = []
  let at: { interface: string; state?: string } | undefined
  for (const line of (text ?? '').split('\n')) {
    const [, name, about] = /^\d+: ([^:@\s]{1,40})(?:@\S+)?: (.*)$/.exec(line) ?? []
    if (name !== undefined) {
      const state = / state (\S{1,20})/.exec(about!)?.[1]
      at = { interface: name, ...(state === undefined ? {} : { state }) }
    }
    const address = /^\s+inet6? ([0-9a-fA-F.:]{2,45}(?:\/\d{1,3})?)\s/.exec(line)?.[1]
    if (at !== undefined && address !== undefined && addresses.length < MOST) addresses.push({ ...at, address })
  }
  return addresses
}
