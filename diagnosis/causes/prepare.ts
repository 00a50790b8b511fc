import type { Cause } from '../cause.ts'
import { containerUnhealthy, networkSlow } from './container-start.ts'
import { imageName, imageUnreachable, plainRegistry, rateLimit } from './image-pull.ts'
import { rpcKey } from './rpc-key.ts'
import { rpcVersion } from './rpc-version.ts'

/** I: what goes wrong after the agent has taken the prepare message. */
export const prepare: readonly Cause[] = [rpcVersion, rpcKey, imageUnreachable, rateLimit, imageName, plainRegistry, networkSlow, containerUnhealthy]
