import { join } from 'node:path'
import { onOwnDisk } from './own-disk.ts'

/** A thousand guests at once. @returns markdown */
export function herd(): Promise<string> {
  return onOwnDisk('herd', join(import.meta.dirname, 'herd-measure.ts'), console.log)
}
