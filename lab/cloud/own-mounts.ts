import { cp, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { cacheRoot } from '../cache.ts'
import { run } from '../run.ts'

/** Where libvirt's daemon writes, whatever it is told. */
const OF_LIBVIRT = ['/var/lib/libvirt', '/var/log/libvirt', '/var/cache/libvirt']

/**
 * Lays folders of our own over those that the cloud's programs write to outside of ours; in our mount namespace, so nobody else sees it.
 * @param dir where those of libvirt are
 */
export async function layMounts(dir: string): Promise<void> {
  // sockets, and the names of network namespaces
  await run(['mount', '-t', 'tmpfs', '-o', 'mode=755', 'tmpfs', '/run'])
  await mkdir('/run/lock')
  // whose devices are those of the network namespace in which it was mounted
  await run(['mount', '-t', 'sysfs', 'sysfs', '/sys'])
  // notes on processes by their numbers, which mean others here (end-with-us.ts)
  const notes = join(cacheRoot(), 'running')
  await mkdir(notes, { recursive: true })
  await run(['mount', '-t', 'tmpfs', 'tmpfs', notes])
  for (const folder of OF_LIBVIRT) await layOver(folder, join(dir, folder.replaceAll('/', '-').slice(1)))
}

/** A copy of a folder of packages' settings, at its place: what is changed there is changed for nobody else. */
export async function layCopyOver(folder: string, ours: string): Promise<void> {
  await cp(folder, ours, { recursive: true })
  await layOver(folder, ours)
}

/** @param ours made when missing */
export async function layOver(folder: string, ours: string): Promise<void> {
  await mkdir(ours, { recursive: true })
  await run(['mount', '--bind', ours, folder])
}
