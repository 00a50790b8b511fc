import type { Cause } from '../cause.ts'
import { addressOfInside, nameUnknown } from './broker-address.ts'
import { brokerPortDropped, forwardDropped, mtu } from './dropped.ts'
import { noAddress } from './no-address.ts'
import { dockerOverlaps, twoDefaultRoutes, userInterfaceDown } from './wrong-interface.ts'

/** Group C of the catalogue: the guest's network. */
export const guestNetwork: readonly Cause[] = [noAddress, twoDefaultRoutes, userInterfaceDown, nameUnknown, brokerPortDropped, addressOfInside, mtu, dockerOverlaps, forwardDropped]
