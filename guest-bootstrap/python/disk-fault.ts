import { Fault } from '../../contract/fault.ts'

/** The disk's own refusal in what a program says: `[Errno 28] No space left on device: '/var/lib/…'`. The rest of it would be taken for the program's. */
export function diskFault(text: string): Fault | undefined {
  const line = text.split('\n').find((line) => /No space left on device|Disk quota exceeded|Read-only file system/.test(line))
  if (line === undefined) return undefined
  const path = /(?:device|exceeded|file system): ['"]?(\/[^'"\s]+)/.exec(line)?.[1]
  const where = path === undefined ? {} : { path }
  const words = line.trim().slice(0, 300)
  if (/Read-only/.test(line)) return new Fault('DISK_READ_ONLY', where, `${words}; look at the kernel log for why, then: mount -o remount,rw /`)
  return new Fault('DISK_FULL', where, `${words}; free some space`)
}
