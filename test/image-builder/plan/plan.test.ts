import t from 'tap'
import { describeChange } from '../../image-builder/change.ts'
import { planImage, type PlanParts } from '../../image-builder/plan.ts'
import type { Survey } from '../../image-builder/survey.ts'
import { readUnitTexts } from '../../image-builder/unit-texts.ts'
import { scratch, TOKEN, wishFor } from './small-image.ts'

const file = (name: string, text: string) => ({ path: `/etc/${name}`, text, mode: 0o644, uid: 0, gid: 0 })
const SURVEY: Survey = {
  os: 'Debian',
  architecture: 'x64',
  accounts: { passwd: file('passwd', 'root:x:0:0::/:/bin/sh\n'), group: file('group', 'root:x:0:\n'), shadow: file('shadow', 'root:*:1::::::\n') },
  foreignLinks: [],
  has: { sudo: true, sshd: true, python: true, 'cloud-init': true, 'sudoers.d': true, 'sshd_config.d': true, selinux: false },
}
const parts = async (survey: Partial<Survey> = {}, more: Parameters<typeof wishFor>[2] = {}): Promise<PlanParts> => ({
  wish: wishFor(scratch(t.teardown), 'base.qcow2', more),
  survey: { ...SURVEY, ...survey },
  payload: { version: '24.0.0', node: { hostFile: '/x', size: 5, sha256: 'b'.repeat(64) } },
  units: await readUnitTexts('trove'),
  base: { name: 'base.qcow2', sha256: 'c'.repeat(64) },
  now: new Date('2026-01-02T03:04:05Z'),
})

t.test('the same wish on the same image gives the same plan, and no line of it holds a secret', async (t) => {
  const whole = await parts({}, { debugUser: { name: 'ann', sshKeys: ['ssh-ed25519 AAAA'], passwordHash: '$6$salt$hash' } })
  const plan = planImage(whole)
  t.same(planImage(whole), plan)
  t.notMatch(plan.changes.map(describeChange).join('\n'), new RegExp(`${TOKEN.split('.')[1]!}|\\$6\\$`))
})

t.test("an image's own agent is taken out of the way, and the record and the plan say how to undo it", async (t) => {
  const link = { path: '/etc/systemd/system/multi-user.target.wants/guest-agent.service', target: '/lib/systemd/system/guest-agent.service' }
  const { changes } = planImage(await parts({ foreignLinks: [link] }))
  t.same(changes.filter(({ kind }) => kind === 'remove').map(describeChange), [`remove ${link.path} (the image's own agent is no longer started at boot; to undo: ln -s ${link.target} ${link.path})`])
  const record = changes.find(({ path }) => path === '/opt/trovestrap/build.json')
  t.match(record?.kind === 'file' && 'text' in record.content && JSON.parse(record.content.text), { removed: [link], token: 'abc123', built: '2026-01-02T03:04:05.000Z' })
})

t.test('what the image lacks for a Trove agent is a warning that says what to install', async (t) => {
  const { warnings } = planImage(await parts({ has: { ...SURVEY.has, sudo: false, python: false, 'cloud-init': false } }))
  t.same(warnings.map((line) => line.split(' ').at(-3)), ['sudo', 'python3', 'cloud-init'])
  t.same(planImage(await parts()).warnings, [])
})

t.test('an image with SELinux is labelled at its first boot', async (t) => {
  const has = { ...SURVEY.has, selinux: true }
  t.equal(planImage(await parts({ has })).changes.filter(({ path }) => path === '/.autorelabel').length, 1)
  t.equal(planImage(await parts()).changes.filter(({ path }) => path === '/.autorelabel').length, 0)
})

t.test('on aarch64 the serial console has another name', async (t) => {
  const { changes } = planImage(await parts({ architecture: 'arm64' }, { debugUser: { name: 'ann', sshKeys: ['k'] } }))
  t.ok(changes.some(({ path }) => path.endsWith('serial-getty@ttyAMA0.service')))
})
