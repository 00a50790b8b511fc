import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { Secret } from '../../../contract/secret.ts'
import { checkImage } from '../../../image-builder/check/check-image.ts'
import { overlayTree } from '../../../image-builder/plan/overlay-tree.ts'
import { planBuild } from '../../../image-builder/plan/plan-build.ts'
import { readUnitTexts } from '../../../image-builder/plan/unit-texts.ts'
import type { Wish } from '../../../image-builder/wish.ts'
import { memoryTree, type Entries } from './memory-tree.ts'
import { CAS, DEBIAN, elf, FACTS, FOREIGN, NOW, passwd, SECRET } from './planted.ts'

/** What guests leave behind, all of it. */
const USED: Entries = {
  '/etc/machine-id': `${'f'.repeat(32)}\n`,
  '/etc/ssh/ssh_host_ed25519_key': { content: 'x', mode: 0o600 },
  '/etc/trove/conf.d/guest_info.conf': '[DEFAULT]\nguest_id = 1\n',
  '/opt/trove-guestagent/.guestagent.prepare.start': '',
  '/opt/trove-guestagent/.guestagent.prepare.end': '',
  '/home/ann/trove-installed': '',
  '/var/lib/cloud/data/instance-id': 'i-1\n',
  '/var/lib/cloud/instance': '-> /var/lib/cloud/instances/i-1',
  '/var/lib/cloud/instances/i-1/obj.pkl': 'x',
}

async function built(base: Entries, more: Partial<Wish> = {}) {
  const folder = t.testdir({})
  const node = join(folder, 'node')
  writeFileSync(node, elf(62))
  const tree = memoryTree(base)
  const wish: Wish = { base: 'base', out: 'out', urls: ['https://10.0.0.1:15555'], ca: CAS.own, token: new Secret(`abc123.${SECRET}`), agentUser: 'trove', bundle: { code: Buffer.from('1'), sha256: 'a'.repeat(64) }, version: '0', ...more }
  const payload = { version: '24.0.0', node: { hostFile: node, size: 64, sha256: createHash('sha256').update(elf(62)).digest('hex') } }
  const { changes } = await planBuild(tree, { wish, payload, units: await readUnitTexts('trove'), base: { name: 'base', sha256: 'b'.repeat(64) }, now: NOW })
  return overlayTree(tree, changes)
}

t.test('what image build makes of a Debian base is a good image, with and without a debug user', async (t) => {
  t.same(await checkImage(await built(DEBIAN), FACTS), [])
  const bare = { ...DEBIAN, '/etc/passwd': passwd().replace(/^(ann|trove).*\n/gm, '') }
  t.same(await checkImage(await built(bare, { debugUser: { name: 'me', sshKeys: ['ssh-ed25519 AAAA'] } }), FACTS), [])
})

t.test("so is what it makes of an image with an agent of Trove's", async (t) => {
  t.same(await checkImage(await built(FOREIGN), FACTS), [])
})

t.test('what guests left behind is found, and gone with --sysprep', async (t) => {
  const used = { ...DEBIAN, ...USED }
  const found = await checkImage(await built(used), FACTS)
  t.same([...new Set(found.map(({ code }) => code))].sort(), ['cloud-init-state', 'guest-info-of-another', 'machine-id', 'ssh-host-keys', 'trove-marker'])
  t.same(await checkImage(await built(used, { sysprep: true }), FACTS), [])
})
