import { BuildFailure, ImageRefusal } from '../refusal.ts'
import { runTool, said } from '../run-tool.ts'
import type { WorkImage } from '../way.ts'
import type { Guestfish } from './guestfish.ts'
import type { Root } from './find-root.ts'
import { withoutSubvolume } from './check-file-systems.ts'
import { lines } from './parse.ts'

/** Enlarges the disk itself, before the appliance sees it. @param bytes that it shall have */
export async function growDisk(image: WorkImage, bytes: number): Promise<void> {
  if (bytes < image.size) throw new ImageRefusal(`the image has ${image.size} bytes; it can grow, not shrink to ${bytes}`)
  const ran = await runTool('qemu-img', ['resize', '-q', '-f', 'qcow2', image.file, String(bytes)], { cwd: image.folder, signal: image.signal })
  if (ran.code !== 0) throw new BuildFailure(`the disk could not be enlarged: ${said(ran)}`)
}

/**
 * Gives the new space to the root file system: partition, LUKS and LVM below it first. Nothing of it is mounted, or left so.
 * @throws ImageRefusal when another partition is in the way
 */
export async function growRoot(guestfish: Guestfish, root: Root): Promise<void> {
  const device = withoutSubvolume(root.device)
  await growBelow(guestfish, device, root)
  const type = (await guestfish.ask('vfs-type', device)).toString().trim()
  if (type.startsWith('ext')) {
    await guestfish.ask('e2fsck', device, 'correct:true', 'forceall:false')
    await guestfish.ask('resize2fs', device)
    return
  }
  if (type !== 'xfs' && type !== 'btrfs') throw new ImageRefusal(`a root file system of type ${type} cannot grow`)
  await guestfish.ask('mount', root.device, '/')
  await guestfish.ask(type === 'xfs' ? 'xfs-growfs' : 'btrfs-filesystem-resize', '/')
  await guestfish.ask('umount-all')
}

async function growBelow(guestfish: Guestfish, device: string, root: Root): Promise<void> {
  if (root.opened.has(device)) {
    // The key that opened it would be asked for once more by cryptsetup, and libguestfs has no command that gives it.
    throw new ImageRefusal('an encrypted (LUKS) root cannot be enlarged here; enlarge it in a running guest with cryptsetup resize')
  }
  if (lines(await guestfish.ask('lvs')).includes(device)) {
    const group = device.split('/')[2]!
    const volumes = (await guestfish.ask('lvm-canonical-lv-name', device)).toString().trim()
    const physical = await physicalOf(guestfish, group)
    await growBelow(guestfish, physical, root)
    await guestfish.ask('pvresize', physical)
    await guestfish.ask('lvresize-free', volumes, '100')
    return
  }
  const [, disk, number] = /^(\/dev\/[a-z]+)(\d+)$/.exec(device) ?? []
  if (disk !== undefined) await growPartition(guestfish, disk, Number(number))
}

async function physicalOf(guestfish: Guestfish, group: string): Promise<string> {
  const ids = lines(await guestfish.ask('vgpvuuids', group))
  if (ids.length !== 1) throw new ImageRefusal(`the volume group ${group} of the image has ${ids.length} physical volumes; only one can be enlarged`)
  for (const volume of lines(await guestfish.ask('pvs'))) {
    if ((await guestfish.ask('pvuuid', volume)).toString().trim().replaceAll('-', '') === ids[0]!.replaceAll('-', '')) return volume
  }
  throw new BuildFailure(`the physical volume of ${group} was not found`)
}

async function growPartition(guestfish: Guestfish, disk: string, number: number): Promise<void> {
  const printed = (await guestfish.ask('part-list', disk)).toString()
  const partitions = [...printed.matchAll(/part_num: (\d+)\n\s*part_start: (\d+)/g)].map(([, num, start]) => ({ num: Number(num), start: Number(start) }))
  const last = partitions.sort((a, b) => a.start - b.start).at(-1)
  if (last?.num !== number) throw new ImageRefusal(`partition ${last?.num} lies behind partition ${number}, which is to grow; use an image whose root is last`)
  const sectors = Number(await guestfish.ask('blockdev-getsz', disk))
  const gpt = (await guestfish.ask('part-get-parttype', disk)).toString().trim() === 'gpt'
  if (gpt) await guestfish.ask('part-expand-gpt', disk)
  // GPT keeps a copy of itself, 33 sectors, at the end of the disk.
  await guestfish.ask('part-resize', disk, String(number), String(gpt ? sectors - 34 : Math.min(sectors, 2 ** 32) - 1))
}
