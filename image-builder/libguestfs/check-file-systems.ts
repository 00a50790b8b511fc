import { BuildFailure } from '../refusal.ts'
import { CommandFailed, type Guestfish } from './guestfish.ts'

/** Checks file systems that are not mounted, each with its own tool. @throws BuildFailure when one is damaged */
export async function checkFileSystems(guestfish: Guestfish, devices: readonly string[]): Promise<void> {
  for (const device of new Set(devices.map(withoutSubvolume))) {
    const type = (await guestfish.ask('vfs-type', device)).toString().trim()
    try {
      await check(guestfish, device, type)
    } catch (error) {
      if (!(error instanceof CommandFailed)) throw error
      throw new BuildFailure(`the file system on ${device} (${type}) is damaged: ${error.message.split('\n')[0]!.slice(0, 300)}`, { cause: error })
    }
  }
}

async function check(guestfish: Guestfish, device: string, type: string): Promise<void> {
  if (/^ext[234]$/.test(type)) return void (await guestfish.ask('e2fsck', device, 'correct:true'))
  if (type === 'btrfs') return void (await guestfish.ask('btrfs-fsck', device))
  if (type !== 'xfs') return
  const status = (await guestfish.ask('xfs-repair', device, 'nomodify:true')).toString().trim()
  if (status !== '0') throw new CommandFailed(`xfs_repair -n ended with ${status}`)
}

/** `/dev/sda2` of `btrfsvol:/dev/sda2/@`. */
export function withoutSubvolume(mountable: string): string {
  return /^btrfsvol:(\/dev\/(?:[hsv]d[a-z]+\d*|mapper\/[^/]+|[^/]+\/[^/]+))\//.exec(mountable)?.[1] ?? mountable
}
