import { diskImage, type DiskWish, type PartitionWish } from './disk-image.ts'
import { centosTree } from './stand-in-trees/centos.ts'
import { debianTree, linkedTree, unmergedTree } from './stand-in-trees/debian.ts'
import { troveTree, ubuntuTree } from './stand-in-trees/ubuntu.ts'

/** A small image with the layout of one that people bring: partitions, labels and file systems, and the files that the builder looks at. */
export interface StandIn {
  /** As its /etc/os-release says it. */
  readonly os: string
  readonly architecture: 'x64' | 'arm64'
  /** The partition that the root file system is on; 0 when there is no table. */
  readonly root: number
  /** Units of an agent that it brings itself. */
  readonly foreignUnits: readonly string[]
  /** Whose members may become root: `sudo` or `wheel`. */
  readonly adminGroup: 'sudo' | 'wheel'
  /** Makes it, without being root, in less than a tenth of a second. @returns the path of the qcow2 in the folder */
  make(folder: string): string
}

const BIOS_BOOT = '21686148-6449-6E6F-744E-656564454649'
const ESP = 'C12A7328-F81F-11D2-BA4B-00A0C93EC93B'
const LINUX = '0FC63DAF-8483-4772-8E79-3D69D8477DE4'
const ROOT_X64 = '4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709'
const ROOT_ARM64 = 'B921B045-1DF0-41C3-AF44-4C6F280D3FAE'
const XBOOTLDR = 'BC13C2FF-59E6-4262-A352-B275FD6F7172'

const DEBIAN = { os: 'Debian GNU/Linux 12 (bookworm)', architecture: 'x64', root: 1, foreignUnits: [], adminGroup: 'sudo' } as const
const bootTree = { '/vmlinuz-6.8.0-51-generic': 'a kernel\n', '/initrd.img-6.8.0-51-generic': 'an initrd\n', '/grub/grub.cfg': 'set default=0\n' }
const biosBoot = (number: number): PartitionWish => ({ number, mib: 1, type: BIOS_BOOT })
const esp = (number: number, label: string): PartitionWish => ({ number, mib: 8, type: ESP, holds: { vfat: label } })

/** Ubuntu 24.04's cloud image: the root is the first partition by number and the last on the disk. */
const ubuntuCloud: DiskWish = {
  table: 'gpt',
  partitions: [
    biosBoot(14),
    esp(15, 'UEFI'),
    { number: 16, mib: 16, type: XBOOTLDR, holds: { tree: bootTree, label: 'BOOT' } },
    { number: 1, mib: 64, type: LINUX, holds: { tree: ubuntuTree(), label: 'cloudimg-rootfs', mkfs: ['-O', 'orphan_file,metadata_csum_seed'] } },
  ],
}

const debianGeneric: DiskWish = {
  table: 'gpt',
  partitions: [biosBoot(14), esp(15, 'EFI'), { number: 1, mib: 64, type: ROOT_X64, holds: { tree: debianTree() } }],
}

const dibRoot = { tree: troveTree(), label: 'cloudimg-rootfs' }

const SELINUX: readonly (readonly [path: RegExp, type: string])[] = [
  [/^\/etc\/g?shadow$/, 'shadow_t'],
  [/^\/etc\/(passwd|group)$/, 'passwd_file_t'],
  [/^\/etc\/systemd\/system/, 'systemd_unit_file_t'],
  [/^\/etc/, 'etc_t'],
  [/^\/usr\/lib\/systemd\/systemd$/, 'init_exec_t'],
  [/^\/usr\/s?bin/, 'bin_t'],
  [/^\/usr\/lib/, 'lib_t'],
  [/^\/usr/, 'usr_t'],
  [/^\/var\/lib/, 'var_lib_t'],
  [/^\/var\/log/, 'var_log_t'],
  [/^\/var/, 'var_t'],
]

/** As the kernel stores it, with the zero at its end. */
function labelled(path: string): Record<string, Buffer> {
  const type = SELINUX.find(([pattern]) => pattern.test(path))?.[1] ?? 'default_t'
  return { 'security.selinux': Buffer.from(`system_u:object_r:${type}:s0\0`) }
}

const centosStream: DiskWish = {
  table: 'gpt',
  partitions: [
    biosBoot(1),
    esp(2, 'EFI'),
    { number: 3, mib: 16, type: XBOOTLDR, holds: { tree: { '/vmlinuz-5.14.0-529.el9.x86_64': 'a kernel\n', '/loader/entries/1.conf': 'title CentOS Stream 9\n' }, label: 'boot', attributes: labelled } },
    { number: 4, mib: 64, type: ROOT_X64, holds: { tree: centosTree(), label: 'root', attributes: labelled } },
  ],
}

/** One ext4 partition in an MBR, as diskimage-builder and older cloud images have it. */
const mbr = (holds: PartitionWish['holds']): DiskWish => ({ table: 'dos', partitions: [{ number: 1, mib: 64, type: '83', ...(holds ? { holds } : {}) }] })

const disks = {
  'ubuntu-cloud': { ...DEBIAN, os: 'Ubuntu 24.04.1 LTS', disk: ubuntuCloud },
  'debian-generic': { ...DEBIAN, disk: debianGeneric },
  'trove-dib': { ...DEBIAN, os: 'Ubuntu 22.04.5 LTS', foreignUnits: ['guest-agent.service'], disk: mbr(dibRoot) },
  'trove-dib-whole-disk': {
    ...DEBIAN,
    os: 'Ubuntu 22.04.5 LTS',
    root: 0,
    foreignUnits: ['guest-agent.service'],
    disk: { table: 'none', partitions: [{ number: 0, mib: 64, type: '', holds: dibRoot }] },
  },
  'centos-stream': { ...DEBIAN, os: 'CentOS Stream 9', root: 4, adminGroup: 'wheel', disk: centosStream },
  'debian-10': { ...DEBIAN, os: 'Debian GNU/Linux 10 (buster)', disk: mbr({ tree: unmergedTree(), mkfs: ['-O', '^metadata_csum'] }) },
  'systemd-behind-links': { ...DEBIAN, disk: mbr({ tree: linkedTree() }) },
  aarch64: {
    ...DEBIAN,
    architecture: 'arm64',
    disk: { table: 'gpt', partitions: [esp(15, 'EFI'), { number: 1, mib: 64, type: ROOT_ARM64, holds: { tree: debianTree('arm64') } }] },
  },
} satisfies Record<string, Omit<StandIn, 'make'> & { readonly disk: DiskWish }>

/** By name, each with what is known of it. */
export const STAND_INS: Readonly<Record<string, StandIn>> = Object.fromEntries(
  Object.entries(disks).map(([name, { disk, ...known }]) => [name, { ...known, make: (folder: string) => diskImage(folder, `${name}.qcow2`, disk).image }]),
)
