import t from 'tap'
import { planSysprep } from '../../../image-builder/plan/sysprep.ts'
import { ImageRefusal } from '../../../image-builder/refusal.ts'
import { debianWith, LAYOUTS } from './layouts.ts'
import { applied, listing, type Planted } from './memory-tree.ts'
import { built } from './parts.ts'

const GOES: Readonly<Record<string, Planted>> = {
  '/etc/ssh/ssh_host_ed25519_key': { text: 'key', mode: 0o600 },
  '/etc/ssh/ssh_host_ed25519_key.pub': 'key',
  '/etc/trove/conf.d/guest_info.conf': 'guest_id = 1\n',
  '/etc/trove/conf.d/trove-guestagent.conf': 'transport_url = x\n',
  '/etc/guest_info': 'guest_id = 1\n',
  '/etc/udev/rules.d/70-persistent-net.rules': '',
  '/home/ubuntu/.bash_history': 'ls\n',
  '/home/ubuntu/trove-installed': '',
  '/home/late/.mysql_history': 'no line in passwd\n',
  '/opt/trove-guestagent/.guestagent.prepare.start': '',
  '/opt/trove-guestagent/.guestagent.prepare.end': '',
  '/root/.bash_history': 'ls\n',
  '/run/x/pid': '1',
  '/tmp/a/b': '',
  '/var/tmp/c': '',
  '/var/lib/cloud/instance': '-> instances/i-1',
  '/var/lib/cloud/instances/i-1/user-data.txt': { text: 'secret', mode: 0o600 },
  '/var/lib/cloud/data/instance-id': 'i-1',
  '/var/lib/cloud/sem/config_x.once': '',
  '/var/lib/dbus/machine-id': 'id',
  '/var/lib/dhcp/dhclient.eth0.leases': '',
  '/var/lib/systemd/random-seed': 'r',
  '/var/lib/trovestrap/enrolment': 'c',
  '/var/log/journal/0123/system.journal': 'j',
  '/var/log/apt/history.log': 'h',
  '/var/log/cloud-init.log': 'c',
}
const STAYS: Readonly<Record<string, Planted>> = {
  '/etc/ssh/sshd_config.d/x.conf': '',
  '/etc/trove/conf.d/own.conf': '',
  '/home/ubuntu/.bashrc': '',
  '/var/lib/cloud/seed/nocloud/meta-data': '',
  '/var/lib/cloud/scripts/per-boot/x': '',
  '/var/lib/apt/lists/x': '',
  '/var/lib/dhcp/README': '',
}

t.test('what belongs to one machine goes, everything else stays as it is', async (t) => {
  const tree = debianWith({ ...GOES, ...STAYS })
  const changes = await planSysprep(tree)
  const before = listing(tree)
  const after = listing(applied(tree, changes))
  t.same(Object.keys(GOES).filter((path) => path in after), [])
  const lost = Object.keys(before).filter((path) => !(path in after) && !(path in GOES)).sort()
  t.same(lost, ['/run/x', '/tmp/a', '/var/lib/cloud/instances/i-1', '/var/log/journal/0123'], 'folders that were somebody\'s alone')
  const other = Object.keys(after).filter((path) => after[path] !== before[path])
  t.same(other.map((path) => [path, after[path]]), [['/etc/machine-id', 'file 444 0:0 ""']])
  t.ok(changes.every((change) => 'note' in change && change.note !== undefined), 'each says why')
})

t.test('nothing to clear is no change; a link is never followed to what a system is made of', async (t) => {
  t.same(await planSysprep(debianWith({ '/etc/machine-id': { text: '', mode: 0o444 } })), [])
  t.same(await planSysprep(debianWith({ '/etc/machine-id': undefined, '/tmp': '-> /etc', '/var/tmp': '-> /', '/run': '-> /usr/lib' })), [])
  const dbus = debianWith({ '/etc/machine-id': undefined, '/var/lib/dbus/machine-id': '-> /etc/machine-id' })
  t.same(await planSysprep(dbus), [])
})

t.test('more than 20,000 things are refused', async (t) => {
  const tree = debianWith({})
  const many = { ...tree, list: async (path: string) => (path === '/tmp' ? Array.from({ length: 20_001 }, (_, index) => `f${index}`) : await tree.list(path)), lstat: async (path: string) => await tree.lstat(path.startsWith('/tmp/') ? '/etc/passwd' : path) }
  await t.rejects(planSysprep(many), ImageRefusal)
})

t.test('a build with it clears the base and what an earlier build left, and is built upon again with the same result', async (t) => {
  for (const [name, layout] of Object.entries(LAYOUTS)) {
    const once = await built(layout(), { sysprep: true })
    t.match(listing(once.tree)['/etc/machine-id'], /""$/, name)
    t.same(listing((await built(once.tree, { sysprep: true })).tree), listing(once.tree), name)
  }
})
