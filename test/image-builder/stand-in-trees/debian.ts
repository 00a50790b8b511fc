import type { PlantedTree } from '../disk-image.ts'
import { elf } from '../small-image.ts'
import { cloudConfig, common, debianAccounts, mergedUsr, program, systemUnit, type Machine } from './common.ts'

/** Debian 12 or later with cloud-init. */
export const debianTree = (machine: Machine = 'x64'): PlantedTree => ({
  ...common(machine),
  ...debianAccounts(),
  ...mergedUsr(machine, 'Debian GLIBC 2.36-9+deb12u9', '2.36'),
  '/etc/os-release': '-> ../usr/lib/os-release',
  '/usr/lib/os-release': 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nNAME="Debian GNU/Linux"\nVERSION_ID="12"\nID=debian\n',
  '/etc/debian_version': '12.8\n',
  '/etc/fstab': 'PARTUUID=5b3a2d1c-01 / ext4 rw,discard,errors=remount-ro,x-systemd.growfs 0 1\nPARTUUID=5b3a2d1c-0f /boot/efi vfat defaults 0 0\n',
  '/etc/resolv.conf': '-> ../run/systemd/resolve/stub-resolv.conf',
  '/etc/cloud/cloud.cfg': cloudConfig('debian', 'debian'),
  '/etc/cloud/cloud.cfg.d/01_debian_cloud.cfg': 'apt:\n  generate_mirrorlists: true\nmanage_etc_hosts: true\n',
  '/etc/netplan/90-default.yaml': { text: 'network:\n  version: 2\n  ethernets:\n    all-en:\n      match: {name: en*}\n      dhcp4: true\n', mode: 0o600 },
  '/boot/efi': { folder: true },
  '/boot/grub/grub.cfg': 'set default=0\n',
})

/** Debian 10: /bin, /sbin and /lib are folders of their own, and systemd is in /lib. */
export const unmergedTree = (): PlantedTree => ({
  ...common('x64'),
  ...debianAccounts(),
  '/usr/bin/bash': undefined,
  '/usr/bin/python3.11': undefined,
  '/usr/bin/python3.7': elf(62),
  '/usr/bin/python3': '-> python3.7',
  '/usr/sbin/nologin': elf(62),
  '/bin/bash': program(),
  '/bin/sh': '-> dash',
  '/bin/dash': program(),
  '/bin/systemctl': program(),
  '/sbin/init': '-> /lib/systemd/systemd',
  '/lib/systemd/systemd': program(),
  '/lib/systemd/system/serial-getty@.service': systemUnit('Serial Getty on %I'),
  '/lib/systemd/system/getty@.service': systemUnit('Getty on %I'),
  '/lib/systemd/system/multi-user.target': '[Unit]\nDescription=Multi-User System\n',
  '/lib/x86_64-linux-gnu/libc.so.6': '-> libc-2.28.so',
  '/lib/x86_64-linux-gnu/libc-2.28.so': elf(62),
  '/lib64/ld-linux-x86-64.so.2': '-> /lib/x86_64-linux-gnu/ld-2.28.so',
  '/usr/lib/x86_64-linux-gnu/libstdc++.so.6': '-> libstdc++.so.6.0.25',
  '/usr/lib/x86_64-linux-gnu/libstdc++.so.6.0.25': elf(62),
  '/etc/os-release': '-> ../usr/lib/os-release',
  '/usr/lib/os-release': 'PRETTY_NAME="Debian GNU/Linux 10 (buster)"\nNAME="Debian GNU/Linux"\nVERSION_ID="10"\nID=debian\n',
  '/etc/debian_version': '10.13\n',
  '/etc/fstab': 'UUID=f5a0e4a7-2d63-4a37-b1ce-8a2a6f6bb1a2 / ext4 rw,discard,errors=remount-ro 0 1\n',
  '/etc/ssh/sshd_config': 'ChallengeResponseAuthentication no\nUsePAM yes\n',
  '/etc/ssh/sshd_config.d': undefined,
  '/etc/sudoers': { text: 'Defaults\tenv_reset\nroot\tALL=(ALL:ALL) ALL\n%sudo\tALL=(ALL:ALL) ALL\n#includedir /etc/sudoers.d\n', mode: 0o440 },
  '/etc/network/interfaces': 'auto lo\niface lo inet loopback\nsource /etc/network/interfaces.d/*\n',
  '/etc/cloud/cloud.cfg': cloudConfig('debian', 'debian'),
})

/** Folders in which the builder writes lie behind links: one that goes too far up, absolute ones, and one to another link. */
export const linkedTree = (): PlantedTree => {
  const debian = debianTree()
  const moved = Object.entries(debian).map(([path, planted]) => [path.replace(/^\/etc\/systemd\//, '/usr/local/etc/systemd/'), planted] as const)
  return {
    ...Object.fromEntries(moved),
    '/etc/systemd': '-> ../../../../usr/local/etc/systemd',
    '/data/opt': { folder: true, mode: 0o775 },
    '/opt': '-> /data/opt',
    '/var/lib/cloud': '-> /data/cloud',
    '/data/cloud': '-> states',
    '/data/states': { folder: true },
  }
}
