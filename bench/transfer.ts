import { join } from 'node:path'
import { onOwnDisk } from './own-disk.ts'

/** From a host's tree to a guest's, beside the ways that people use today. @returns markdown */
export function transfer(): Promise<string> {
  return onOwnDisk('transfer', join(import.meta.dirname, 'transfer-measure.ts'), console.log)
}
