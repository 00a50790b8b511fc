import { statSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import type { HostSeen } from '../../host-seen.ts'

type Disk = HostSeen['disks'][number]

/** Where a bring-up writes on a host: packages' places first, then devstack's. */
const PLACES: readonly (readonly [holds: string, path: string])[] = [
  ["Glance's images", '/var/lib/glance/images'],
  ["Glance's images", '/opt/stack/data/glance/images'],
  ["Nova's instances", '/var/lib/nova/instances'],
  ["Nova's instances", '/opt/stack/data/nova/instances'],
  ["Cinder's volumes", '/opt/stack/data'],
  ["Swift's objects", '/opt/stack/data/drives'],
  ["RabbitMQ's queues", '/var/lib/rabbitmq'],
  ["Trove's database", '/var/lib/mysql'],
  ["Docker's images", '/var/lib/docker'],
]

/** One for each file system, with everything that lies on it. @param state folder of host-server */
export async function disksSeen(state: string | undefined, places = PLACES): Promise<Disk[]> {
  const found = new Map<number, { path: string; holds: string[] }>()
  const all = state === undefined ? places : [["host-server's state", state] as const, ...places]
  for (const [holds, path] of all) {
    const device = deviceOf(path)
    if (device === undefined) continue
    const one = found.get(device) ?? { path, holds: [] }
    if (!one.holds.includes(holds)) one.holds.push(holds)
    found.set(device, one)
  }
  return await Promise.all(
    [...found.values()].map(async ({ path, holds }) => {
      const { bavail, blocks, bsize, files, ffree } = await statfs(path)
      return { mount: path, holds, size: blocks * bsize, free: bavail * bsize, inodes: files, inodes_free: ffree }
    }),
  )
}

function deviceOf(path: string): number | undefined {
  try {
    return statSync(path).dev
  } catch {
    return undefined
  }
}
