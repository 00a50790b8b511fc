import { GUEST } from '../contract/paths.ts'
import { currentManifest } from './tree/current.ts'
import { MEMORY, recall } from './memory.ts'
import type { System } from './system.ts'

/**
 * Whether all that the host gives is here already: a credential was granted once, a whole tree is in place, and so is the
 * configuration. After a power cut of a whole data centre guests are up before their controller.
 */
export function canGoOnAlone(system: System): boolean {
  return (
    recall(system.files, MEMORY.enrolment)?.granted !== undefined &&
    currentManifest(system.files) !== undefined &&
    recall(system.files, MEMORY.served) !== undefined &&
    system.files.stat(GUEST.servedConfig) !== undefined
  )
}
