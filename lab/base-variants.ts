import { mkdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { accelerator } from './accelerator.ts'
import type { BaseImage } from './base-image.ts'
import { cached, cacheRoot } from './cache.ts'
import { digestOf } from './recipe-digest.ts'
import { run } from './run.ts'
import type { Tell } from './tell.ts'

export type Variant = 'xfs' | 'lvm'

interface Layout {
  /** The kernel's `root=`. */
  readonly root: string
  readonly fstab: string
  /** guestfish commands: from an empty /dev/sdb to file systems mounted on /mnt. */
  readonly make: readonly string[]
}

const SIZE = '2G'

export const LAYOUTS: Record<Variant, Layout> = {
  xfs: {
    root: 'LABEL=root',
    fstab: 'LABEL=root / xfs defaults,noatime 0 0',
    make: ['part-disk /dev/sdb gpt', 'mkfs xfs /dev/sdb1 label:root', 'mount /dev/sdb1 /mnt'],
  },
  // The kernel's names, as Debian's installer writes them: initramfs-tools asks LVM for them.
  lvm: {
    root: '/dev/mapper/guest-root',
    fstab: '/dev/mapper/guest-root / ext4 defaults,noatime 0 1\n/dev/mapper/guest-var /var xfs defaults,noatime 0 0',
    make: [
      'part-disk /dev/sdb gpt',
      'part-set-gpt-type /dev/sdb 1 E6D6D379-F507-44C2-A23C-238F2A3DF928',
      'pvcreate /dev/sdb1',
      'vgcreate guest /dev/sdb1',
      'lvcreate root guest 1400',
      'lvcreate var guest 600',
      'mkfs ext4 /dev/guest/root label:root',
      'mkfs xfs /dev/guest/var label:var',
      'mount /dev/guest/root /mnt',
      'mkdir /mnt/var',
      'mount /dev/guest/var /mnt/var',
    ],
  },
}

/**
 * The base image's tree on other file systems, from the cache; made first when there is none for this base. The container
 * image stays behind, so such a guest becomes ready, but has no database. `xfs`: GPT, one partition, label `root`.
 * `lvm`: GPT, one volume group `guest`; root is ext4, /var a volume of its own with XFS.
 */
export async function baseVariant(variant: Variant, base: BaseImage, tell: Tell): Promise<BaseImage> {
  const layout = LAYOUTS[variant]
  const digest = digestOf(basename(dirname(base.qcow2)), SIZE, guestfishScript(layout))
  const build = (folder: string) => make(join(folder, 'base.qcow2'), layout, base, tell)
  const folder = await cached({ kind: `base-image-${variant}`, digest, build }, tell)
  return { ...base, qcow2: join(folder, 'base.qcow2'), root: layout.root }
}

async function make(qcow2: string, layout: Layout, base: BaseImage, tell: Tell): Promise<void> {
  const tcg = (await accelerator(base, tell)).name === 'tcg'
  const appliance = join(cacheRoot(), 'libguestfs') // as the image builder's
  await mkdir(appliance, { recursive: true })
  const folders = { LIBGUESTFS_CACHEDIR: appliance, LIBGUESTFS_TMPDIR: dirname(qcow2) }
  const env = { ...process.env, ...folders, LIBGUESTFS_BACKEND: 'direct', ...(tcg ? { LIBGUESTFS_BACKEND_SETTINGS: 'force_tcg' } : {}) }
  await run(['qemu-img', 'create', '-q', '-f', 'qcow2', qcow2, SIZE])
  tell('copying the base image to other file systems, in a small virtual machine')
  // of the base the appliance sees an overlay; what it writes there is thrown away
  const drives = [`add-drive "${base.qcow2}" format:qcow2 readonly:true`, `add-drive "${qcow2}" format:qcow2 cachemode:unsafe`]
  await run(['guestfish'], { env, input: `${drives.join('\n')}\n${guestfishScript(layout)}` })
}

/** The base's own tar copies: owners by their numbers, hard links and extended attributes as they are. */
export function guestfishScript({ make, fstab }: Layout): string {
  const copy = 'tar --create --one-file-system --xattrs --xattrs-include=* --exclude=./var/lib/containers . | tar --extract --preserve-permissions --numeric-owner --xattrs --xattrs-include=* --directory /mnt'
  const commands = ['run', 'mount /dev/sda1 /', ...make, `sh "cd / && ${copy}"`, `write /mnt/etc/fstab "${fstab.replaceAll('\n', '\\n')}\\n"`, 'umount-all']
  return commands.map((command) => `${command}\n`).join('')
}
