import { inspect } from 'node:util'
import t from 'tap'
import { checkImage, CHECKS } from '../../../image-builder/check/check-image.ts'
import type { CheckFacts, Finding } from '../../../image-builder/check/finding.ts'
import { DEFECTS, type Defect } from './defects.ts'
import { memoryTree, type Entries } from './memory-tree.ts'
import { FACTS, FOREIGN, GOOD, KEYS, SECRET } from './planted.ts'

const check = (entries: Entries, facts: Partial<CheckFacts> = {}) => checkImage(memoryTree(entries), { ...FACTS, ...facts })
const short = ({ id, code, level }: Finding) => `${level} ${id} ${code}`

t.test('there is nothing to object to in a good image', async (t) => {
  t.same(await check(GOOD), [])
  t.same(await check(GOOD, { pythonRequires: undefined, tokenState: undefined, ca: undefined }), [], 'nor where the host knows nothing')
})

t.test("there is nothing to object to in a good image of Trove's own making", async (t) => {
  t.same(await check(FOREIGN, { injectedOwner: 'ubuntu' }), [])
})

for (const [name, defect] of Object.entries<Defect>(DEFECTS)) {
  t.test(`${name} is found, and nothing else`, async (t) => {
    const base = defect.foreign ? FOREIGN : GOOD
    const found = await check({ ...base, ...defect.tree }, { ...(defect.foreign ? { injectedOwner: 'ubuntu' } : {}), ...defect.facts })
    t.same(found.map(short), [defect.found].flat())
    for (const finding of found) {
      t.match(finding.what, defect.says ?? /./)
      t.ok(finding.mend.length > 10, 'it says what to type')
      t.notMatch(inspect(finding), new RegExp(`${SECRET}|${KEYS.pkcs8.slice(40, 80)}|\\$6\\$|hunter2`), 'no secret is given out')
    }
  })
}

t.test('every check has a planted defect', async (t) => {
  const codes = new Set(Object.values<Defect>(DEFECTS).flatMap(({ found }) => [found].flat()))
  for (const { id } of CHECKS) t.ok([...codes].some((code) => code.includes(` ${id} `)), id)
})

t.test('errors come first', async (t) => {
  const found = await check({ ...GOOD, '/etc/machine-id': 'f'.repeat(32), '/root/trove-installed': '', '/etc/trovestrap/guest.json': { content: '{}', mode: 0o600 } })
  t.same(found.map(({ level }) => level), ['error', 'warning', 'note'])
})

t.test('an empty tree and one of nonsense are found wanting, without a stack trace', async (t) => {
  t.match((await check({})).map(({ code }) => code), ['injected-owner-missing', 'cloud-init-missing', 'no-agent', 'python-missing'])
  const nonsense = Object.fromEntries(Object.keys(GOOD).map((path) => [path, { content: ':::\n[[[\0\xff{{{' }]))
  await t.resolves(check({ ...GOOD, ...nonsense }))
  await t.resolves(check({ ...GOOD, '/etc': '-> etc', '/opt': '-> ../../opt', '/home': '-> /home' }), 'links in a ring')
})

t.test('texts that are made to keep us busy do not', async (t) => {
  const size = 2 ** 18
  const hostile: Entries = {
    '/etc/trove/conf.d/guest_info.conf': '\n'.repeat(size),
    '/etc/trove/conf.d/x.conf': 'secret'.repeat(size / 6),
    '/etc/trove/conf.d/y.conf': `connection = a://${':'.repeat(size)}`,
    '/etc/cloud/ds-identify.cfg': '\n'.repeat(size),
    '/etc/systemd/system/trovestrap-guest.service': `[Service]\nUser=x${' '.repeat(size / 5)}y\n${' '.repeat(size / 9)}\n`,
    '/etc/sudoers': `@includedir${' '.repeat(size)}\n${'NOPASSWD '.repeat(1000)}`,
    ...Object.fromEntries(Array.from({ length: 200 }, (_, at) => [`/etc/cloud/cloud.cfg.d/${at}.cfg`, `a: [${'[],'.repeat(size / 3 - 10)}]`])),
  }
  const started = process.hrtime.bigint()
  await check({ ...GOOD, ...hostile })
  t.ok(Number(process.hrtime.bigint() - started) / 1e9 < 3)
})

t.test('an agent that System V starts has no unit of its own', async (t) => {
  const sysv = { ...FOREIGN, '/usr/lib/systemd/system/guest-agent.service': undefined, '/etc/systemd/system/multi-user.target.wants/guest-agent.service': undefined, '/etc/init.d/trove-guestagent': { content: '#!/bin/sh\n', mode: 0o755 } }
  t.same(await check(sysv, { injectedOwner: 'ubuntu' }), [])
})
