import type { OsloConfig } from '../../contract/oslo-config.ts'
import { checkTransportUrl } from './check-transport-url.ts'
import { compareWithTrove } from './compare-with-trove.ts'
import type { Finding } from './finding.ts'
import { findRemovedOptions } from './removed-options.ts'

/**
 * @param trove trove.conf of the control plane; undefined: nothing is compared
 * @returns errors for what keeps every guest from becoming healthy, warnings for the rest
 */
export function checkGuestConfig(guest: OsloConfig, trove: OsloConfig | undefined): Finding[] {
  return [...findRemovedOptions(guest), ...checkTransportUrl(guest), ...(trove ? compareWithTrove(guest, trove) : [])]
}
