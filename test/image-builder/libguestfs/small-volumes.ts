import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { writeTar, type Member } from '../../../image-builder/libguestfs/tar.ts'
import { DEBIAN, type TreeWish } from '../small-image.ts'

/** Of the LUKS volume. */
export const KEY = 'correct horse battery staple'

const VOLUMES = {
  /** One partition. XFS is never smaller than 300 MB. */
  xfs: { mebibytes: 340, fstab: '/dev/sda1 / xfs defaults 0 1\n', commands: ['part-disk /dev/sda gpt', 'mkfs xfs /dev/sda1', 'mount /dev/sda1 /'] },
  /** System in a subvolume, /var in another. */
  btrfs: {
    mebibytes: 200,
    fstab: '/dev/sda1 / btrfs subvol=root 0 0\n/dev/sda1 /var btrfs subvol=var 0 0\n',
    commands: [
      'part-disk /dev/sda gpt', 'mkfs btrfs /dev/sda1', 'mount /dev/sda1 /', 'btrfs-subvolume-create /root', 'btrfs-subvolume-create /var', 'umount-all',
      'mount btrfsvol:/dev/sda1/root /', 'mkdir /var', 'mount btrfsvol:/dev/sda1/var /var',
    ],
  },
  /** Volume group with / (ext4) and /var (XFS) apart. */
  lvm: {
    mebibytes: 440,
    fstab: '/dev/vg/root / ext4 defaults 0 1\n/dev/vg/var /var xfs defaults 0 0\n',
    commands: [
      'part-disk /dev/sda gpt', 'pvcreate /dev/sda1', 'vgcreate vg /dev/sda1', 'lvcreate var vg 320', 'lvcreate root vg 96', 'mkfs ext4 /dev/vg/root', 'mkfs xfs /dev/vg/var',
      'mount /dev/vg/root /', 'mkdir /var', 'mount /dev/vg/var /var',
    ],
  },
  /** ext4 in LUKS. */
  luks: {
    mebibytes: 96,
    fstab: '/dev/mapper/cryptroot / ext4 defaults 0 1\n',
    commands: [
      'part-disk /dev/sda gpt', `luks-format /dev/sda1 0\n${KEY}`, `cryptsetup-open /dev/sda1 made\n${KEY}`, 'mkfs ext4 /dev/mapper/made', 'mount /dev/mapper/made /',
    ],
  },
} as const

export type Volume = keyof typeof VOLUMES

/** Makes disks that only libguestfs can look into, all in one boot of its appliance. @returns path of each qcow2 in the folder */
export async function smallVolumes<V extends Volume>(folder: string, volumes: readonly V[], tree: TreeWish = {}): Promise<Record<V, string>> {
  const commands: string[] = []
  for (const [index, volume] of volumes.entries()) {
    const { mebibytes, commands: make, fstab } = VOLUMES[volume]
    execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', `${volume}.qcow2`, `${mebibytes}M`], { cwd: folder })
    await writeTar(join(folder, `${volume}.tar`), membersOf({ ...DEBIAN, 'etc/fstab': fstab, 'opt/.keep': '', ...tree }), 1_700_000_000)
    const disk = `/dev/sd${'abcd'[index]}`
    commands.push(...make.map((line) => line.replaceAll('/dev/sda', disk)), `tar-in ${volume}.tar /`, 'umount-all')
  }
  const drives = volumes.map((volume) => `add-drive ${volume}.qcow2 format:qcow2`)
  guestfish(folder, [...drives, 'run', ...commands, 'shutdown'])
  return Object.fromEntries(volumes.map((volume) => [volume, join(folder, `${volume}.qcow2`)])) as Record<V, string>
}

function membersOf(tree: TreeWish): Member[] {
  return Object.entries(tree).flatMap(([name, content]): Member[] => {
    const path = `/${name}`
    if (content === undefined) return []
    if (typeof content === 'string' && content.startsWith('-> ')) return [{ type: 'link', path, target: content.slice(3) }]
    return [{ type: 'file', path, mode: 0o644, uid: 0, gid: 0, content: { bytes: Buffer.from(content as string) } }]
  })
}

/** Runs commands as they are; the first that fails ends it. */
export function guestfish(folder: string, commands: readonly string[]): string {
  const environment = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C', LIBGUESTFS_BACKEND: 'direct', LIBGUESTFS_BACKEND_SETTINGS: 'force_tcg', LIBGUESTFS_TMPDIR: folder }
  const cache = process.env['LIBGUESTFS_CACHEDIR']
  return execFileSync('guestfish', ['--keys-from-stdin', '--no-progress-bars'], {
    cwd: folder, input: commands.map((line) => `${line}\n`).join(''), env: { ...environment, ...(cache === undefined ? {} : { LIBGUESTFS_CACHEDIR: cache }) }, stdio: ['pipe', 'pipe', 'pipe'],
  }).toString()
}
