import type { PlantedTree } from '../disk-image.ts'
import { elf } from '../small-image.ts'

/** e_machine of ELF, and the name of Debian's library folder. */
export const MACHINES = { x64: { number: 62, triplet: 'x86_64-linux-gnu' }, arm64: { number: 183, triplet: 'aarch64-linux-gnu' } } as const
export type Machine = keyof typeof MACHINES

export const glibc = (machine: Machine, who: string, version: string): Buffer =>
  Buffer.concat([elf(MACHINES[machine].number), Buffer.from(`\0GNU C Library (${who}) stable release version ${version}.\n\0`)])

/** It would not run: a header and nothing else. */
export const program = (machine: Machine = 'x64') => ({ bytes: elf(MACHINES[machine].number), mode: 0o755 })

export const systemUnit = (text: string): string => `[Unit]\nDescription=${text}\n[Service]\nExecStart=/usr/bin/true\n`

/** What every Linux installation of the last years has at the same places. */
export const common = (machine: Machine): PlantedTree => ({
  '/boot': { folder: true },
  '/dev': { folder: true },
  '/home': { folder: true },
  '/opt': { folder: true },
  '/proc': { folder: true },
  '/root': { folder: true, mode: 0o700 },
  '/root/.ssh/authorized_keys': { text: '', mode: 0o600 },
  '/run': { folder: true },
  '/srv': { folder: true },
  '/sys': { folder: true },
  '/tmp': { folder: true, mode: 0o1777 },
  '/etc/fstab': '',
  '/etc/hostname': 'localhost\n',
  '/etc/machine-id': { text: '', mode: 0o444 },
  '/etc/shells': '/bin/sh\n/bin/bash\n',
  '/etc/systemd/system.conf': '[Manager]\n',
  '/etc/systemd/system/getty.target.wants/getty@tty1.service': '-> /lib/systemd/system/getty@.service',
  '/etc/systemd/system/multi-user.target.wants': { folder: true },
  '/etc/systemd/system/default.target': '-> /lib/systemd/system/multi-user.target',
  '/usr/bin/bash': program(machine),
  '/usr/bin/python3.11': program(machine),
  '/usr/bin/python3': '-> python3.11',
  '/usr/bin/cloud-init': { text: '#!/usr/bin/python3\n', mode: 0o755 },
  '/usr/bin/sudo': { ...program(machine), mode: 0o4755 },
  '/usr/sbin/nologin': program(machine),
  '/usr/sbin/sshd': program(machine),
  '/usr/local/bin': { folder: true },
  '/var/cache': { folder: true },
  '/var/lib/cloud': { folder: true },
  '/var/lib/systemd': { folder: true },
  '/var/log/journal': { folder: true, mode: 0o2755, gid: 101 },
  '/var/log/wtmp': { text: '', mode: 0o664, gid: 43 },
  '/var/run': '-> /run',
  '/var/tmp': { folder: true, mode: 0o1777 },
})

/** As the Debian family has it. `root` and the users that packages make; people come with cloud-init. */
export const debianAccounts = (person = ''): PlantedTree => ({
  '/etc/passwd': `root:x:0:0:root:/root:/bin/bash\ndaemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin\nsync:x:4:65534:sync:/bin:/bin/sync\nsyslog:x:104:111::/home/syslog:/usr/sbin/nologin\n${person && `${person}:x:1000:1000::/home/${person}:/bin/bash\n`}nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n`,
  '/etc/group': `root:x:0:\ndaemon:x:1:\nadm:x:4:syslog${person && `,${person}`}\nsudo:x:27:${person}\nshadow:x:42:\nutmp:x:43:\nsyslog:x:111:\n${person && `${person}:x:1000:\n`}nogroup:x:65534:\n`,
  '/etc/shadow': { text: `root:*:19700:0:99999:7:::\ndaemon:*:19700:0:99999:7:::\nsync:*:19700:0:99999:7:::\nsyslog:!:19700::::::\n${person && `${person}:!:19700:0:99999:7:::\n`}nobody:*:19700:0:99999:7:::\n`, mode: 0o640, gid: 42 },
  '/etc/gshadow': { text: `root:*::\ndaemon:*::\nadm:*::syslog${person && `,${person}`}\nsudo:*::${person}\nshadow:*::\nutmp:*::\nsyslog:!::\n${person && `${person}:!::\n`}nogroup:*::\n`, mode: 0o640, gid: 42 },
  '/etc/sudoers': { text: 'Defaults\tenv_reset\nroot\tALL=(ALL:ALL) ALL\n%sudo\tALL=(ALL:ALL) ALL\n@includedir /etc/sudoers.d\n', mode: 0o440 },
  '/etc/sudoers.d/README': { text: '# As of Debian version 1.7.2p1-1, the default /etc/sudoers file created on\n', mode: 0o440 },
  '/etc/ssh/sshd_config': 'Include /etc/ssh/sshd_config.d/*.conf\nKbdInteractiveAuthentication no\nUsePAM yes\n',
  '/etc/ssh/sshd_config.d': { folder: true },
  '/var/log': { folder: true, mode: 0o775, gid: 111 },
  '/var/lib/dpkg/status': 'Package: libc6\nStatus: install ok installed\n',
})

/** /bin, /sbin and /lib are links; systemd and its units lie below /usr. */
export const mergedUsr = (machine: Machine, who: string, version: string): PlantedTree => {
  const { number, triplet } = MACHINES[machine]
  return {
    '/bin': '-> usr/bin',
    '/sbin': '-> usr/sbin',
    '/lib': '-> usr/lib',
    ...(machine === 'x64' ? { '/lib64': '-> usr/lib64', '/usr/lib64/ld-linux-x86-64.so.2': `-> /lib/${triplet}/ld-linux-x86-64.so.2` } : {}),
    '/usr/sbin/init': '-> /lib/systemd/systemd',
    '/usr/lib/systemd/systemd': program(machine),
    '/usr/lib/systemd/system/serial-getty@.service': systemUnit('Serial Getty on %I'),
    '/usr/lib/systemd/system/getty@.service': systemUnit('Getty on %I'),
    '/usr/lib/systemd/system/multi-user.target': '[Unit]\nDescription=Multi-User System\n',
    '/usr/lib/systemd/system/cloud-init.service': systemUnit('Initial cloud-init job'),
    [`/usr/lib/${triplet}/libc.so.6`]: glibc(machine, who, version),
    [`/usr/lib/${triplet}/libstdc++.so.6`]: '-> libstdc++.so.6.0.30',
    [`/usr/lib/${triplet}/libstdc++.so.6.0.30`]: elf(number),
  }
}

export const cloudConfig = (distro: string, user: string): string =>
  [
    'users:\n- default',
    'disable_root: true\npreserve_hostname: false',
    'cloud_init_modules:\n- seed_random\n- bootcmd\n- write_files\n- growpart\n- resizefs\n- set_hostname\n- users_groups\n- ssh',
    'cloud_config_modules:\n- ssh_import_id\n- locale\n- set_passwords\n- runcmd',
    'cloud_final_modules:\n- scripts_user\n- final_message',
    `system_info:\n  distro: ${distro}\n  default_user:\n    name: ${user}\n    lock_passwd: true\n    groups: [adm, sudo]\n    sudo: ["ALL=(ALL) NOPASSWD:ALL"]\n    shell: /bin/bash\n`,
  ].join('\n')
