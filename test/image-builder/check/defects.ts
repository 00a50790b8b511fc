import type { CheckFacts } from '../../../image-builder/check/finding.ts'
import type { Entries } from './memory-tree.ts'
import { CAS, FACTS, FOREIGN_UNIT, group, guestJson, KEYS, MIB, passwd, program, shadow, SECRET } from './planted.ts'

export interface Defect {
  readonly tree?: Entries
  readonly facts?: Partial<CheckFacts>
  /** Planted into an image of Trove's own making. */
  readonly foreign?: true
  /** `level id code`; all of them. */
  readonly found: string | readonly string[]
  readonly says?: RegExp
}

const GUEST_UNIT = '/etc/systemd/system/trovestrap-guest.service'
const WANTS = '/etc/systemd/system/multi-user.target.wants'
const left = (mebibytes: number): Partial<CheckFacts> => ({ space: { ...FACTS.space, freeBytes: mebibytes * MIB } })
const oursGone: Entries = Object.fromEntries(
  ['/opt/trovestrap/bin/node', '/opt/trovestrap/guest-bootstrap.mjs', '/opt/trovestrap/build.json', '/etc/trovestrap/ca.pem', '/etc/trovestrap/guest.json', GUEST_UNIT, '/etc/systemd/system/trovestrap-agent.service', `${WANTS}/trovestrap-guest.service`].map((path) => [path, undefined]),
)
const unit = (text: string): Entries => ({ [GUEST_UNIT]: `[Service]\n${text}\n` })
const OURS = 'ExecStart=/opt/trovestrap/bin/node /opt/trovestrap/guest-bootstrap.mjs'

/** One defect a row, planted into a good image. */
export const DEFECTS = {
  'an owner of injected files who does not exist': { facts: { injectedOwner: 'ubuntu' }, found: 'warning B2 injected-owner-missing', says: /ubuntu.*daemon restores/ },
  "an owner who does not exist in an image of Trove's": { foreign: true, facts: { injectedOwner: 'centos' }, found: 'error B2 injected-owner-missing' },

  'no cloud-init': { tree: { '/usr/bin/cloud-init': undefined }, found: 'warning B3 cloud-init-missing' },
  "no cloud-init in an image of Trove's": { foreign: true, tree: { '/usr/bin/cloud-init': undefined }, found: 'error B3 cloud-init-missing' },
  'cloud-init turned off': { tree: { '/etc/cloud/cloud-init.disabled': '' }, found: 'warning B3 cloud-init-disabled' },
  'ds-identify that turns cloud-init off': { foreign: true, tree: { '/etc/cloud/ds-identify.cfg': '# x\npolicy: disabled\n' }, found: 'error B3 cloud-init-disabled' },
  'cloud-init masked': { tree: { '/etc/systemd/system/cloud-init.service': '-> /dev/null' }, found: 'warning B3 cloud-init-masked' },
  'no datasource of Nova': { foreign: true, tree: { '/etc/cloud/cloud.cfg.d/95.cfg': 'datasource_list:\n- NoCloud\n- None\n' }, found: 'error B3 no-usable-datasource', says: /NoCloud, None/ },
  'a forced datasource that is not Nova\'s': { tree: { '/etc/cloud/ds-identify.cfg': 'datasource: Azure\n' }, found: 'warning B3 no-usable-datasource', says: /Azure/ },

  'state of another instance': { tree: { '/var/lib/cloud/instance': '-> instances/i-1', '/var/lib/cloud/instances/i-1/obj.pkl': '', '/var/lib/cloud/data/instance-id': 'i-1\n' }, found: 'error B4 cloud-init-state', says: /instances\/i-1/ },
  'state of cloud-init whose instance is gone': { tree: { '/var/lib/cloud/instance': '-> /var/lib/cloud/instances/gone' }, found: 'error B4 cloud-init-state' },
  'an old guest_info.conf': { tree: { '/etc/trove/conf.d/guest_info.conf': '[DEFAULT]\nguest_id=5b2d1f3e\n' }, found: 'error B4 guest-info-of-another', says: /5b2d1f3e/ },

  "a mark of Trove's prepare": { tree: { '/opt/trove-guestagent/.guestagent.prepare.end': '' }, found: 'error B5 trove-marker' },
  'a mark of a fetched tree': { tree: { '/home/ann/trove-installed': '' }, found: 'error B5 trove-marker', says: /\/home\/ann\/trove-installed/ },

  'our unit missing': { tree: { [GUEST_UNIT]: undefined, [`${WANTS}/trovestrap-guest.service`]: undefined }, found: 'error B6 unit-missing' },
  'our unit not enabled': { tree: { [`${WANTS}/trovestrap-guest.service`]: undefined }, found: 'error B6 unit-not-enabled' },
  'our unit masked': { tree: { [GUEST_UNIT]: '-> /dev/null' }, found: 'error B6 unit-masked' },
  'the unit missing that tells of an end of the agent': { tree: { '/etc/systemd/system/trovestrap-agent-failed.service': undefined }, found: 'warning - agent-end-untold', says: /trovestrap-agent-failed\.service is not in the image/ },
  'the same unit masked': { tree: { '/etc/systemd/system/trovestrap-agent-failed.service': '-> /dev/null' }, found: 'warning - agent-end-untold', says: /is masked/ },
  'the timer missing that has the credential renewed': { tree: { '/etc/systemd/system/trovestrap-renew.timer': undefined }, found: 'warning - credential-not-renewed', says: /trovestrap-renew\.timer is not in the image: nothing renews/ },
  'its service masked': { tree: { '/etc/systemd/system/trovestrap-renew.service': '-> /dev/null' }, found: 'warning - credential-not-renewed', says: /trovestrap-renew\.service is masked/ },
  'the timer not enabled': { tree: { '/etc/systemd/system/timers.target.wants/trovestrap-renew.timer': undefined }, found: 'warning - credential-not-renewed', says: /not enabled/ },
  "the agent's unit missing": { tree: { '/etc/systemd/system/trovestrap-agent.service': undefined }, found: 'error B6 unit-missing' },
  'a program that is not there': { tree: unit('ExecStart=/opt/node x'), found: 'error B6 unit-exec', says: /\/opt\/node does not exist/ },
  'a drop-in that takes ExecStart away': { tree: { [`${GUEST_UNIT}.d/x.conf`]: '[Service]\nExecStart=\n' }, found: 'error B6 unit-exec', says: /no ExecStart/ },
  'Node gone': { tree: { '/opt/trovestrap/bin/node': undefined }, found: 'error B6 unit-exec', says: /bin\/node does not exist/ },
  'Node not executable': { tree: { '/opt/trovestrap/bin/node': { ...program(), mode: 0o644 } }, found: 'error B6 unit-exec', says: /not executable/ },
  'Node for another machine': { tree: { '/opt/trovestrap/bin/node': program(183) }, found: 'error B6 unit-exec', says: /aarch64.*x86_64/ },
  'the daemon itself gone': { tree: { '/opt/trovestrap/guest-bootstrap.mjs': undefined }, found: 'error B6 unit-exec', says: /guest-bootstrap\.mjs/ },
  'a user of our unit who does not exist': { tree: unit(`${OURS}\nUser=nobody-here`), found: 'error B6 unit-user', says: /nobody-here/ },
  "the agent's user missing": { tree: { '/etc/trovestrap/guest.json': guestJson(`abc123.${SECRET}`, 'root2'), '/etc/sudoers.d/more': 'root2 ALL=(root) NOPASSWD: ALL\n' }, found: 'error B6 unit-user', says: /root2/ },
  "Trove's unit not enabled": { foreign: true, tree: { [`${WANTS}/guest-agent.service`]: undefined }, found: 'error B6 unit-not-enabled' },
  "Trove's unit masked": { foreign: true, tree: { '/etc/systemd/system/guest-agent.service': '-> /dev/null' }, found: 'error B6 unit-masked' },
  "Trove's unit with an interpreter that is gone": { foreign: true, tree: { '/usr/local/bin/guest-agent': { content: '#!/opt/no-venv/bin/python\n', mode: 0o755 } }, found: 'error B6 unit-exec', says: /no-venv/ },
  "a user of Trove's unit who does not exist": { foreign: true, tree: { '/usr/lib/systemd/system/guest-agent.service': FOREIGN_UNIT.replace('User=ubuntu', 'User=rocky'), '/etc/sudoers.d/rocky': 'rocky ALL=(ALL) NOPASSWD:ALL\n' }, found: 'error B6 unit-user', says: /rocky/ },
  'no agent at all': { tree: oursGone, found: 'error B6 no-agent' },
  "Trove's agent beside ours": { tree: { '/usr/lib/systemd/system/guest-agent.service': FOREIGN_UNIT, [`${WANTS}/guest-agent.service`]: '-> x' }, found: 'error B6 two-agents' },
  'two agents of Trove': { foreign: true, tree: { '/usr/lib/systemd/system/trove-guest.service': FOREIGN_UNIT, [`${WANTS}/trove-guest.service`]: '-> x' }, found: 'error B6 two-agents' },

  'a Python that is too old': { tree: { '/usr/bin/python3': '-> python3.10', '/usr/bin/python3.10': program() }, found: 'error B7 python-too-old', says: /3\.10.*>=3\.11/ },
  'a venv whose Python is too old': { foreign: true, tree: { '/opt/guest-agent-venv/bin/python3': program(), '/opt/guest-agent-venv/pyvenv.cfg': 'home = /usr/bin\nversion = 3.9.2\n' }, found: 'error B7 python-too-old', says: /venv.*3\.9/ },
  'no Python': { tree: { '/usr/bin/python3': undefined }, found: 'error B7 python-missing' },
  'a Python of unknown version': { tree: { '/usr/bin/python3': program() }, found: 'note B7 python-unknown' },

  'a full disk': { tree: { '/usr/bin/growpart': undefined }, facts: left(40), found: 'error B8 disk-nearly-full', says: /40 MiB free of 2048 MiB/ },
  'a disk that is nearly full': { tree: { '/usr/bin/growpart': undefined }, facts: left(200), found: 'warning B8 disk-nearly-full' },
  'a disk without inodes': { tree: { '/etc/growroot-disabled': '' }, facts: { space: { ...FACTS.space, freeInodes: 12 } }, found: 'error B8 disk-nearly-full', says: /12 free inodes/ },
  'a full disk that grows at boot': { facts: left(40), found: 'note B8 disk-nearly-full', says: /enlarges it at boot/ },
  'a full disk whose growth is turned off': { tree: { '/etc/cloud/cloud.cfg.d/99.cfg': 'growpart:\n  mode: off\n' }, facts: left(40), found: 'error B8 disk-nearly-full' },

  "a user with the database's id": { tree: { '/etc/passwd': passwd('bob:x:1001:1002::/home/bob:/bin/sh') }, found: 'error H3 database-id-taken', says: /user bob has the id 1001/ },
  "a group with the database's id": { tree: { '/etc/group': group('bobs:x:1001:') }, found: 'error H3 database-id-taken', says: /group bobs/ },
  'a user called database': { tree: { '/etc/passwd': passwd('database:x:990:990::/:/bin/false') }, found: 'error H3 database-id-taken', says: /990/ },
  "a user whom cloud-init gives the database's id": { tree: { '/etc/passwd': passwd('bob:x:1000:1000::/home/bob:/bin/sh').replaceAll('1002', '500') }, found: 'warning H3 database-id-at-first-boot', says: /debian/ },

  'no sudo': { tree: { '/usr/bin/sudo': undefined }, found: 'error H4 sudo-missing' },
  'a user who may not use sudo': { tree: { '/etc/sudoers.d/trovestrap-agent': undefined }, found: 'error H4 sudo-not-allowed' },
  'sudo that reads no folder': { tree: { '/etc/sudoers': 'root ALL=(ALL:ALL) ALL\n' }, found: 'error H4 sudo-not-allowed' },

  'no CA': { tree: { '/etc/trovestrap/ca.pem': undefined }, found: 'error D5 ca-missing' },
  'a CA that is no certificate': { tree: { '/etc/trovestrap/ca.pem': 'nothing\n' }, found: 'error D5 ca-unreadable' },
  'an expired CA': { tree: { '/etc/trovestrap/ca.pem': CAS.expired }, facts: { ca: CAS.expired }, found: 'error D5 ca-expired' },
  'a CA that expires soon': { tree: { '/etc/trovestrap/ca.pem': CAS.soon }, facts: { ca: CAS.soon }, found: 'warning D5 ca-expires-soon' },
  'a CA of another host': { tree: { '/etc/trovestrap/ca.pem': CAS.other }, found: 'warning D5 ca-of-another-host' },

  'an expired token': { facts: { tokenState: async () => 'expired' }, found: 'error D3 token-expired', says: /abc123 / },
  'a revoked token': { facts: { tokenState: async () => 'revoked' }, found: 'error D3 token-revoked' },
  'a token of nobody': { facts: { tokenState: async () => 'unknown' }, found: 'warning D3 token-unknown' },
  'no token': { tree: { '/etc/trovestrap/guest.json': guestJson(undefined) }, found: 'note D3 token-absent' },
  'a token of no form': { tree: { '/etc/trovestrap/guest.json': guestJson('hunter2') }, found: 'error D3 token-malformed' },
  'no configuration of the daemon': { tree: { '/etc/trovestrap/guest.json': undefined }, found: 'error D3 guest-config-unreadable' },

  'our configuration open to all': { tree: { '/etc/trovestrap/guest.json': { ...guestJson(`abc123.${SECRET}`), mode: 0o644 } }, found: 'error - world-readable-secret', says: /guest\.json.*0644/ },
  'shadow open to all': { tree: { '/etc/shadow': { ...shadow(), mode: 0o644 } }, found: 'error - world-readable-secret' },
  'our state open to all': { tree: { '/var/lib/trovestrap': { mode: 0o755 } }, found: 'error - world-readable-secret' },
  "RabbitMQ's password open to all": { tree: { '/etc/trove/conf.d/a/agent.conf': '[DEFAULT]\ntransport_url = rabbit://t:hunter2@10.0.0.1/\n' }, found: 'error - world-readable-secret', says: /agent\.conf/ },

  "somebody's private key": { tree: { '/home/ann/.ssh/id_rsa': { content: KEYS.rsa, mode: 0o600 } }, found: 'error - private-key', says: /\/home\/ann\/\.ssh\/id_rsa/ },
  'a private key under another name, of nobody in passwd': { tree: { '/home/gone/.ssh/notes.txt': KEYS.pkcs8 }, found: 'error - private-key' },
  'a private key in /opt': { tree: { '/opt/stack/deep/down/x': KEYS.pkcs8 }, found: 'error - private-key' },
  'SSH host keys': { tree: { '/etc/ssh/ssh_host_rsa_key': { content: KEYS.rsa, mode: 0o600 }, '/etc/ssh/ssh_host_rsa_key.pub': 'x' }, found: 'warning - ssh-host-keys' },

  'a password that everybody knows': { tree: { '/etc/passwd': passwd('bob:x:1003:1003::/:/bin/sh'), '/etc/shadow': shadow('bob:$6$abc$WVzy1mzYOy5NbS.iVoa0XmNYJ6YUTZvtfDgbXOJ2AVO/IWzz5.koR6GZdcjtK6As0Rw.UtsEl/1qT4nKeCxKT1:::::::') }, found: 'error - default-password', says: /^bob has/ },
  'a password that is the name, in yescrypt': { tree: { '/etc/passwd': passwd('debian:x:1003:1003::/:/bin/sh'), '/etc/shadow': shadow('debian:$y$j9T$F5Jx5fExrKuPp53xLKQ..1$XqXU4ntqeK4HFbYETCsg/QROC5nX8XBgfOVq4zA.Lq1:::::::') }, found: 'error - default-password', says: /^debian has/ },
  'an empty password': { tree: { '/etc/passwd': passwd('bob:x:1003:1003::/:/bin/sh'), '/etc/shadow': shadow('bob::::::::') }, found: 'error - empty-password' },
  'a hash that would keep us busy': { tree: { '/etc/passwd': passwd('bob:x:1003:1003::/:/bin/sh'), '/etc/shadow': shadow('bob:$6$rounds=999999999$abc$x:::::::') }, found: 'note - passwords-not-all-tried' },

  'a machine-id': { tree: { '/etc/machine-id': `${'f'.repeat(32)}\n` }, found: 'warning - machine-id' },
  'a debug user who cannot log in': { tree: { '/home/ann/.ssh/authorized_keys': '# none\n', '/etc/shadow': { content: 'root:*:::::::\nann:*:::::::\n', mode: 0o640 } }, found: 'warning - debug-user-locked-out' },
  'a debug user who is gone': { tree: { '/opt/trovestrap/build.json': '{"debug_user":"eve"}' }, found: 'warning - debug-user-locked-out', says: /eve/ },
} satisfies Readonly<Record<string, Defect>>
