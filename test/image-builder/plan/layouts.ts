import { elf } from '../small-image.ts'
import { memoryTree, type MemoryTree, type Planted } from './memory-tree.ts'

type Layout = Readonly<Record<string, Planted | undefined>>

const COMMON: Layout = {
  '/etc/passwd': 'root:x:0:0:root:/root:/bin/bash\nsyslog:x:999:999::/:/bin/false\nubuntu:x:1000:1000::/home/ubuntu:/bin/bash\n',
  '/etc/group': 'root:x:0:\nsyslog:x:999:\nsudo:x:27:ubuntu\nubuntu:x:1000:\n',
  '/etc/shadow': { text: 'root:*:19000:0:99999:7:::\nsyslog:!:19000::::::\nubuntu:!:19000:0:99999:7:::\n', mode: 0o640, gid: 42 },
  '/etc/gshadow': { text: 'root:*::\nsyslog:!::\nsudo:*::ubuntu\nubuntu:!::\n', mode: 0o640, gid: 42 },
  '/etc/sudoers': { text: '@includedir /etc/sudoers.d\n', mode: 0o440 },
  '/etc/sudoers.d/README': { text: '# read me\n', mode: 0o440 },
  '/etc/ssh/sshd_config': 'Include /etc/ssh/sshd_config.d/*.conf\n',
  '/etc/ssh/sshd_config.d': { folder: true },
  '/etc/systemd/system/multi-user.target.wants': { folder: true },
  '/etc/machine-id': { text: '0123456789abcdef0123456789abcdef\n', mode: 0o444 },
  '/usr/bin/sudo': elf(62),
  '/usr/bin/python3': elf(62),
  '/usr/bin/cloud-init': '#!/usr/bin/python3\n',
  '/usr/sbin/sshd': elf(62),
  '/home/ubuntu': { folder: true, mode: 0o750, uid: 1000, gid: 1000 },
  '/opt': { folder: true },
  '/root': { folder: true, mode: 0o700 },
  '/tmp': { folder: true, mode: 0o1777 },
  '/var/tmp': { folder: true, mode: 0o1777 },
  '/var/log': { folder: true, gid: 4, mode: 0o775 },
  '/var/lib': { folder: true },
  '/run': { folder: true },
}

const GLIBC = Buffer.concat([elf(62), Buffer.from('\0GNU C Library (Debian GLIBC 2.36-9) stable release version 2.36.\n\0')])

/** Debian 12: /usr is merged. */
const debian: Layout = {
  ...COMMON,
  '/bin': '-> usr/bin',
  '/sbin': '-> usr/sbin',
  '/lib': '-> usr/lib',
  '/etc/os-release': '-> ../usr/lib/os-release',
  '/usr/lib/os-release': 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n',
  '/usr/bin/bash': elf(62),
  '/usr/sbin/nologin': elf(62),
  '/usr/sbin/init': '-> /lib/systemd/systemd',
  '/usr/lib/systemd/systemd': elf(62),
  '/usr/lib/systemd/system/serial-getty@.service': '[Service]\n',
  '/usr/lib/x86_64-linux-gnu/libc.so.6': GLIBC,
  '/usr/lib/x86_64-linux-gnu/libstdc++.so.6': elf(62),
}

/** Debian 10: /lib and /sbin are folders of their own; no /etc/gshadow, and the last line of /etc/group ends with the file. */
const unmerged: Layout = {
  ...COMMON,
  '/etc/gshadow': undefined,
  '/etc/os-release': 'PRETTY_NAME="Debian GNU/Linux 10 (buster)"\n',
  '/bin/bash': elf(62),
  '/sbin/nologin': elf(62),
  '/sbin/init': '-> /lib/systemd/systemd',
  '/lib/systemd/systemd': elf(62),
  '/lib/systemd/system/serial-getty@.service': '[Service]\n',
  '/lib/x86_64-linux-gnu/libc.so.6': '-> libc-2.28.so',
  '/lib/x86_64-linux-gnu/libc-2.28.so': elf(62),
  '/usr/lib/x86_64-linux-gnu/libstdc++.so.6': elf(62),
}

/** CentOS Stream: wheel, SELinux, labels. */
const centos: Layout = {
  ...debian,
  '/usr/lib/os-release': 'PRETTY_NAME="CentOS Stream 9"\n',
  '/etc/group': 'root:x:0:\nsyslog:x:999:\nwheel:x:10:ubuntu\nubuntu:x:1000:\n',
  '/etc/passwd': { text: COMMON['/etc/passwd'] as string, attributes: { 'security.selinux': 'system_u:object_r:passwd_file_t:s0' } },
  '/etc/shadow': { text: 'root:*:19000:0:99999:7:::\nsyslog:!:19000::::::\nubuntu:!:19000:0:99999:7:::\n', mode: 0, attributes: { 'security.selinux': 'system_u:object_r:shadow_t:s0' } },
  '/etc/selinux/config': 'SELINUX=enforcing\n',
  '/usr/lib64/libc.so.6': GLIBC,
  '/usr/lib64/libstdc++.so.6': elf(62),
  '/lib64': '-> usr/lib64',
  '/usr/lib/x86_64-linux-gnu/libc.so.6': undefined,
  '/usr/lib/x86_64-linux-gnu/libstdc++.so.6': undefined,
}

/** Folders behind links that lead around, and out of the image if they were followed on the host. */
const linked: Layout = {
  ...debian,
  '/etc/systemd/system/multi-user.target.wants': undefined,
  '/usr/local/etc/systemd/system/multi-user.target.wants': { folder: true },
  '/etc/systemd': '-> ../../../../usr/local/etc/systemd',
  '/data/opt': { folder: true, mode: 0o775 },
  '/opt': '-> /data/opt',
  '/home': '-> data/home',
  '/home/ubuntu': undefined,
  '/data/home/ubuntu': { folder: true, mode: 0o750, uid: 1000, gid: 1000 },
}

/** Where things stand at paths of ours, and an agent of the image's own. */
const occupied: Layout = {
  ...debian,
  '/etc/trove/conf.d': { folder: true, mode: 0o700, uid: 1000 },
  '/etc/trovestrap/config.yaml': 'listen: {}\n',
  '/var/lib/trove': { folder: true, uid: 1000, gid: 1000, mode: 0o711 },
  '/var/lib/trove/notes': 'of somebody\n',
  '/var/lib/trovestrap/state.db': 'a host has it\n',
  '/etc/tmpfiles.d/trovestrap.conf': { text: 'd /x\n', mode: 0o600, uid: 5 },
  '/etc/sudoers.d/trovestrap-agent': '-> /nowhere',
  '/home/ann': { folder: true, mode: 0o755 },
  '/home/ann/file': 'of an earlier ann\n',
  '/etc/group': 'root:x:0:\nsyslog:x:999:\ndocker:x:998:ubuntu\nubuntu:x:1000:',
  '/etc/systemd/system/guest-agent.service': '[Service]\nExecStart=/usr/local/bin/guest-agent\n',
  '/etc/systemd/system/multi-user.target.wants/guest-agent.service': '-> ../guest-agent.service',
  '/usr/lib/systemd/system/trove-guest.service': '[Service]\n',
  '/etc/systemd/system/nightly.timer': '[Timer]\nUnit=trove-guest.service\n',
}

export const LAYOUTS: Readonly<Record<string, () => MemoryTree>> = Object.fromEntries(
  Object.entries({ debian, unmerged, centos, linked, occupied }).map(([name, layout]) => [name, () => memoryTree(layout)]),
)

/** Debian with some other things. */
export const debianWith = (more: Layout): MemoryTree => memoryTree({ ...debian, ...more })
