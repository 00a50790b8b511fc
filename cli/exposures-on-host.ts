import type { Exposure } from '../host-setup/firewall/state.ts'
import { exposuresOf } from '../instances/expose/through-host.ts'
import type { Host } from './diagnose-host.ts'

/**
 * Databases of an instance that are reached by rules of this host.
 * @throws Error whose message says why nobody could look: there is a configuration, and it is faulty or not for this user to read
 */
export function exposuresOnHost({ settings, settingsFile, client }: Pick<Host, 'settings' | 'settingsFile' | 'client'>, id: string): readonly Exposure[] {
  if (settings !== undefined) return exposuresOf(id, settings)
  if (settingsFile !== undefined) throw new Error(String(client))
  return []
}
