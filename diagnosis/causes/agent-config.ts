import type { Cause } from '../cause.ts'
import { configUnreadable } from './config-unreadable.ts'
import { controlExchange } from './control-exchange.ts'
import { datastoreManager } from './datastore-manager.ts'
import { guestIdMissing } from './guest-id-missing.ts'
import { logFile } from './log-file.ts'
import { overridingFile } from './overriding-file.ts'
import { removedOptions, transportUrlInvalid, transportUrlMissing } from './transport-url.ts'

/** F: what the agent is told, and what it makes of it. */
export const agentConfig: readonly Cause[] = [
  guestIdMissing,
  datastoreManager,
  transportUrlMissing,
  removedOptions,
  controlExchange,
  configUnreadable,
  logFile,
  transportUrlInvalid,
  overridingFile,
]
