import { generateKeyPairSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeCa } from '../../../host-server/pki/certificates.ts'
import type { CheckFacts } from '../../../image-builder/check/finding.ts'
import type { Entries } from './memory-tree.ts'

export const NOW = new Date('2026-06-01T12:00:00Z')
const DAY = 86_400_000
export const MIB = 2 ** 20
const authority = async (owner: string, daysAgo: number) => (await makeCa(owner, new Date(NOW.getTime() - daysAgo * DAY))).certificate
export const CAS = { own: await authority('here', 1), other: await authority('there', 1), expired: await authority('here', 4000), soon: await authority('here', 3640) }

export const FACTS: CheckFacts = {
  space: { freeBytes: 900 * MIB, totalBytes: 2048 * MIB, blockSize: 4096, freeInodes: 90_000 },
  injectedOwner: 'root',
  pythonRequires: '>=3.11',
  databaseUid: 1001,
  tokenState: async () => 'valid',
  now: NOW,
  ca: CAS.own,
}

export const SECRET = '0123456789abcdef'
/** crypt(3) of `Vq8-nobody-guesses-this`. */
const GOOD_HASH = '$6$kP3vX0aQ$mNnyewR3UdZWN8sXmOlBtkSDfAEj43ZjeWLRACJDw9LOt.QL/eMdROC5NWf9xijQg3K7Nz7wI1LEi5oV48GQm/'

const unit = (name: string): string => readFileSync(join(import.meta.dirname, '../../../systemd', name), 'utf8')

export function elf(machine: number): Buffer {
  const header = Buffer.alloc(64)
  header.write('\x7fELF\x02\x01\x01', 'latin1')
  header.writeUInt16LE(machine, 18)
  return header
}
export const program = (machine = 62) => ({ content: elf(machine), mode: 0o755 })

export const guestJson = (token: string | undefined, user = 'trove') => ({ content: JSON.stringify({ format: 1, urls: ['https://10.0.0.1:15555'], token, agent: { user } }), mode: 0o600 })
export const passwd = (...more: string[]): string => ['root:x:0:0:root:/root:/bin/bash', 'daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin', 'trove:x:999:999::/var/lib/trove:/usr/sbin/nologin', 'ann:x:1002:1002::/home/ann:/bin/bash', ...more, ''].join('\n')
export const group = (...more: string[]): string => ['root:x:0:', 'daemon:x:1:', 'sudo:x:27:', 'trove:x:999:', 'docker:x:998:trove', 'ann:x:1002:', ...more, ''].join('\n')
export const shadow = (...more: string[]) => ({ content: ['root:*:1::::::', 'daemon:*:1::::::', 'trove:!*:::::::', `ann:${GOOD_HASH}:::::::`, ...more, ''].join('\n'), mode: 0o640 })

/** What both kinds of image have of Debian 12's generic cloud image. */
export const DEBIAN: Entries = {
  '/bin': '-> usr/bin',
  '/sbin': '-> usr/sbin',
  '/lib': '-> usr/lib',
  '/usr/sbin/init': '-> ../lib/systemd/systemd',
  '/usr/lib/systemd/systemd': program(),
  '/usr/lib/os-release': 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n',
  '/usr/lib/x86_64-linux-gnu/libc.so.6': Buffer.concat([elf(62), Buffer.from('\0GNU C Library (Debian GLIBC 2.36-9) stable release version 2.36.\n\0')]),
  '/usr/lib/x86_64-linux-gnu/libstdc++.so.6': program(),
  '/usr/sbin/sshd': program(),
  '/usr/lib/systemd/system/serial-getty@.service': '[Service]\n',
  '/usr/bin/sudo': { content: elf(62), mode: 0o4755 },
  '/usr/bin/python3': '-> python3.11',
  '/usr/bin/python3.11': program(),
  '/usr/bin/cloud-init': { content: '#!/usr/bin/python3\n', mode: 0o755 },
  '/usr/bin/growpart': { content: '#!/bin/sh\n', mode: 0o755 },
  '/usr/bin/env': program(),
  '/usr/bin/sh': program(),
  '/usr/lib/systemd/system/cloud-init-local.service': '[Service]\nExecStart=/usr/bin/cloud-init init --local\n',
  '/usr/lib/systemd/system/cloud-init.service': '[Service]\nExecStart=/usr/bin/cloud-init init\n',
  '/etc/cloud/cloud.cfg': 'users:\n - default\nsystem_info:\n  default_user:\n    name: debian\ncloud_init_modules:\n - growpart\n - resizefs\n - write-files\n',
  '/etc/cloud/cloud.cfg.d/90_dpkg.cfg': 'datasource_list: [ NoCloud, ConfigDrive, OpenStack, Ec2, None ]\n',
  '/var/lib/cloud/seed': {},
  '/etc/sudoers': 'root ALL=(ALL:ALL) ALL\n%sudo ALL=(ALL:ALL) ALL\n@includedir /etc/sudoers.d\n',
  '/etc/passwd': passwd(),
  '/etc/group': group(),
  '/etc/shadow': shadow(),
  '/etc/gshadow': { content: 'root:*::\n', mode: 0o640 },
  '/etc/machine-id': '',
  '/etc/ssh/sshd_config': '',
  '/root/.ssh/authorized_keys': '',
  '/home/ann/.ssh/authorized_keys': { content: 'ssh-ed25519 AAAA ann\n', mode: 0o600 },
}

/** Built by image build from the above. */
export const GOOD: Entries = {
  ...DEBIAN,
  '/opt/trovestrap/bin/node': program(),
  '/opt/trovestrap/guest-bootstrap.mjs': 'console.log(1)\n',
  '/opt/trovestrap/build.json': JSON.stringify({ format: 2, debug_user: 'ann' }),
  '/etc/trovestrap/ca.pem': CAS.own,
  '/etc/trovestrap/guest.json': guestJson(`abc123.${SECRET}`),
  '/etc/systemd/system/trovestrap-guest.service': unit('trovestrap-guest.service'),
  '/etc/systemd/system/trovestrap-agent.service': unit('trovestrap-agent.service'),
  '/etc/systemd/system/trovestrap-agent-failed.service': unit('trovestrap-agent-failed.service'),
  '/etc/systemd/system/trovestrap-renew.service': unit('trovestrap-renew.service'),
  '/etc/systemd/system/trovestrap-renew.timer': unit('trovestrap-renew.timer'),
  '/etc/systemd/system/timers.target.wants/trovestrap-renew.timer': '-> /etc/systemd/system/trovestrap-renew.timer',
  '/etc/systemd/system/multi-user.target.wants/trovestrap-guest.service': '-> /etc/systemd/system/trovestrap-guest.service',
  '/etc/sudoers.d/trovestrap-agent': { content: unit('trovestrap-agent.sudoers'), mode: 0o440 },
  '/var/lib/trovestrap': { mode: 0o700 },
  '/etc/trove/conf.d': {},
}

export const FOREIGN_UNIT = '[Service]\nUser=ubuntu\nExecStartPre=+/bin/chown -R ubuntu /etc/trove\nExecStart=/usr/local/bin/guest-agent --config-dir=/etc/trove/conf.d\nRestart=always\n[Install]\nWantedBy=multi-user.target\n'
const WANTS = '/etc/systemd/system/multi-user.target.wants'

/** Built by Trove's own diskimage-builder elements. */
export const FOREIGN: Entries = {
  ...DEBIAN,
  '/etc/passwd': passwd('ubuntu:x:1000:1000::/home/ubuntu:/bin/bash'),
  '/etc/group': group('ubuntu:x:1000:'),
  '/etc/shadow': shadow('ubuntu:!:::::::'),
  '/etc/sudoers.d/60-ubuntu': 'ubuntu ALL=(ALL) NOPASSWD:ALL\n',
  '/etc/cloud/cloud.cfg.d/91-user.cfg': 'system_info:\n  default_user:\n    name: ubuntu\n',
  '/usr/local/bin/guest-agent': { content: '#!/opt/guest-agent-venv/bin/python3\n', mode: 0o755 },
  '/opt/guest-agent-venv/bin/python3': '-> /usr/bin/python3',
  '/usr/lib/systemd/system/guest-agent.service': FOREIGN_UNIT,
  [`${WANTS}/guest-agent.service`]: '-> /usr/lib/systemd/system/guest-agent.service',
}

export const KEYS = {
  pkcs8: generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  rsa: generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey.export({ type: 'pkcs1', format: 'pem' }).toString(),
}
