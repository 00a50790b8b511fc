import type { PlantedTree } from '../disk-image.ts'
import { elf } from '../small-image.ts'
import { cloudConfig, common, debianAccounts, glibc, mergedUsr, systemUnit } from './common.ts'

/** Ubuntu 24.04 as the cloud images have it; /boot is a file system of its own. */
export const ubuntuTree = (): PlantedTree => ({
  ...common('x64'),
  ...debianAccounts(),
  ...mergedUsr('x64', 'Ubuntu GLIBC 2.39-0ubuntu8.3', '2.39'),
  '/usr/bin/python3.11': undefined,
  '/usr/bin/python3.12': elf(62),
  '/usr/bin/python3': '-> python3.12',
  '/usr/lib.usr-is-merged': { folder: true },
  '/etc/os-release': '-> ../usr/lib/os-release',
  '/usr/lib/os-release': 'PRETTY_NAME="Ubuntu 24.04.1 LTS"\nNAME="Ubuntu"\nVERSION_ID="24.04"\nID=ubuntu\nID_LIKE=debian\n',
  '/etc/lsb-release': 'DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=24.04\n',
  '/etc/fstab': 'LABEL=cloudimg-rootfs\t/\t ext4\tdiscard,commit=30,errors=remount-ro\t0 1\nLABEL=BOOT\t/boot\text4\tdefaults\t0 2\nLABEL=UEFI\t/boot/efi\tvfat\tumask=0077\t0 1\n',
  '/etc/hostname': 'ubuntu\n',
  '/etc/machine-id': { text: 'uninitialized\n', mode: 0o444 },
  '/etc/resolv.conf': '-> ../run/systemd/resolve/stub-resolv.conf',
  '/etc/cloud/cloud.cfg': cloudConfig('ubuntu', 'ubuntu'),
  '/etc/cloud/cloud.cfg.d/90_dpkg.cfg': 'datasource_list: [ NoCloud, ConfigDrive, OpenNebula, DigitalOcean, Azure, OpenStack, Ec2, None ]\n',
  '/etc/cloud/clean.d': { folder: true },
  '/etc/netplan': { folder: true },
  '/etc/ssh/sshd_config.d/60-cloudimg-settings.conf': { text: 'PasswordAuthentication no\n', mode: 0o600 },
  '/etc/systemd/system/cloud-init.target.wants/cloud-init.service': '-> /usr/lib/systemd/system/cloud-init.service',
  '/etc/systemd/system/multi-user.target.wants/snapd.service': '-> /usr/lib/systemd/system/snapd.service',
  '/usr/lib/systemd/system/snapd.service': systemUnit('Snap Daemon'),
  '/snap': { folder: true },
  '/var/snap': { folder: true },
  '/var/lib/snapd/seed': { folder: true },
  '/var/lib/snapd/void': { folder: true, mode: 0o111 },
})

/** What diskimage-builder makes with Trove's elements for guests of Ubuntu 22.04. */
export const troveTree = (): PlantedTree => ({
  ...ubuntuTree(),
  ...debianAccounts('ubuntu'),
  '/usr/bin/python3.12': undefined,
  '/usr/bin/python3.10': elf(62),
  '/usr/bin/python3': '-> python3.10',
  '/usr/lib/x86_64-linux-gnu/libc.so.6': glibc('x64', 'Ubuntu GLIBC 2.35-0ubuntu3.8', '2.35'),
  '/usr/lib/os-release': 'PRETTY_NAME="Ubuntu 22.04.5 LTS"\nNAME="Ubuntu"\nVERSION_ID="22.04"\nID=ubuntu\nID_LIKE=debian\n',
  '/etc/lsb-release': 'DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=22.04\n',
  '/etc/fstab': 'LABEL=cloudimg-rootfs / ext4 defaults 0 1\n',
  '/etc/dib-manifests/dib_environment': 'declare -x DISTRO_NAME="ubuntu"\ndeclare -x DIB_RELEASE="jammy"\n',
  '/etc/dib-manifests/dib_arguments': 'vm ubuntu-minimal cloud-init-datasources guest-agent ubuntu-guest ubuntu-docker\n',
  '/etc/dib-manifests/dib-manifest-dpkg-guest': 'libc6\t2.35-0ubuntu3.8\n',
  '/etc/cloud/cloud.cfg.d/91-dib-cloud-init-datasources.cfg': 'datasource_list: [ ConfigDrive, OpenStack, None ]\n',
  '/etc/sudoers.d/60_ubuntu_init': { text: 'ubuntu ALL=(ALL) NOPASSWD: ALL\n', mode: 0o440 },
  '/etc/trove': { folder: true, uid: 1000, gid: 1000 },
  '/etc/trove/conf.d': { folder: true, uid: 1000, gid: 1000 },
  '/etc/systemd/system/guest-agent.service':
    '[Unit]\nDescription=OpenStack Trove Guest Agent\nAfter=network.target\n[Service]\nType=simple\nUser=ubuntu\nExecStart=/usr/local/bin/guest-agent --config-dir=/etc/trove/conf.d\nRestart=always\n[Install]\nWantedBy=multi-user.target\n',
  '/etc/systemd/system/multi-user.target.wants/guest-agent.service': '-> /etc/systemd/system/guest-agent.service',
  '/usr/local/bin/guest-agent': '-> /opt/guest-agent-venv/bin/trove-guestagent',
  '/opt/guest-agent-venv/bin/trove-guestagent': { text: '#!/opt/guest-agent-venv/bin/python\n', mode: 0o755, uid: 1000, gid: 1000 },
  '/opt/upper-constraints.txt': 'passlib===1.7.4\n',
  '/home/ubuntu': { folder: true, mode: 0o750, uid: 1000, gid: 1000 },
  '/home/ubuntu/.bashrc': { text: '# ~/.bashrc\n', uid: 1000, gid: 1000 },
  '/var/lib/trove': { folder: true, uid: 1000, gid: 1000 },
  '/var/log/trove': { folder: true, uid: 1000, gid: 1000 },
})
