import { agentConfig } from './agent-config.ts'
import { restoreInjected } from './injected/restore-injected.ts'
import { MEMORY, recall } from './memory.ts'
import type { System } from './system.ts'
import { currentManifest } from './tree/current.ts'

/** Seconds for which a guest that was never enrolled looks for its host: what it has came with the image, and may be old. */
const FIRST_LOOK = 10

/**
 * Whether all that the host gives is here already, from wherever: a source tree and a configuration with a broker in it. After a
 * power cut of a whole data centre guests are up before their controller; an image may have brought its tree along.
 */
export async function canGoOnAlone(system: System): Promise<boolean> {
  if (currentManifest(system.files) === undefined) return false
  // Without a host nobody else brings what cloud-init was to write and did not.
  if (!hasBroker(system)) await restoreInjected(system)
  return hasBroker(system)
}

/** Seconds for which the host is looked for before a guest goes on without it. */
export function patience(system: System): number {
  return recall(system.files, MEMORY.enrolment)?.granted === undefined ? FIRST_LOOK : 0
}

function hasBroker({ files }: System): boolean {
  try {
    return (agentConfig(files).get('DEFAULT', 'transport_url') ?? '').trim() !== ''
  } catch {
    // The configure stage says which line cannot be read; the host may have a better one.
    return false
  }
}
