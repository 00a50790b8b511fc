import t from 'tap'
import { cannotStart } from '../../../image-builder/check/program.ts'
import { readUnit } from '../../../image-builder/check/unit.ts'
import { memoryTree } from './memory-tree.ts'
import { program } from './planted.ts'

t.test('a unit is read as systemd finds it', async (t) => {
  const tree = memoryTree({
    '/lib': '-> usr/lib',
    '/usr/lib/systemd/system/a.service': '[Service]\nExecStart=/old \\\n  --more\nUser=one\n# User=two\n[Other]\nUser=three\n',
    '/usr/lib/systemd/system/a.service.d/10.conf': '[Service]\nUser=ten\n',
    '/etc/systemd/system/a.service.d/10.conf': '[Service]\nUser=eleven\n',
    '/etc/systemd/system/a.service.d/20.conf': '[Service]\nExecStart=\nExecStart=/new\n',
    '/etc/systemd/system/a.service.d/README': '[Service]\nUser=nobody\n',
  })
  const unit = await readUnit(tree, 'a.service')
  t.match(unit, { path: '/usr/lib/systemd/system/a.service', masked: false, enabled: false })
  t.same(unit.values('Service', 'User'), ['one', 'eleven'])
  t.same(unit.values('Service', 'ExecStart'), ['/new'])
})

t.test('/etc comes before /usr; a link to nothing and an empty file mask', async (t) => {
  const tree = memoryTree({
    '/usr/lib/systemd/system/a.service': '[Service]\n',
    '/etc/systemd/system/a.service': '-> /dev/null',
    '/usr/lib/systemd/system/b.service': '[Service]\n',
    '/etc/systemd/system/b.service': '',
    '/etc/systemd/system/c.service': '-> ../../../opt/c.service',
    '/opt/c.service': '[Service]\nUser=c\n',
    '/usr/lib/systemd/system/multi-user.target.wants/c.service': '-> ../c.service',
  })
  t.match(await readUnit(tree, 'a.service'), { masked: true })
  t.match(await readUnit(tree, 'b.service'), { masked: true })
  const linked = await readUnit(tree, 'c.service')
  t.match(linked, { masked: false, enabled: true })
  t.same(linked.values('Service', 'User'), ['c'])
  t.match(await readUnit(tree, 'd.service'), { path: undefined, enabled: false })
})

t.test('why a command cannot be started', async (t) => {
  const tree = memoryTree({ '/sbin/init': program(), '/usr/bin/ok': program(), '/opt/arm': program(183), '/opt/ring': '-> ring', '/opt/script': { content: '#! /usr/bin/none -x\n', mode: 0o755 }, '/opt/empty': { content: '', mode: 0o755 } })
  const cases: readonly (readonly [string, RegExp | undefined])[] = [
    ['/usr/bin/ok --flag', undefined],
    ['-+/usr/bin/ok', undefined],
    ['ok', undefined],
    ['"/usr/bin/ok" x', undefined],
    ['/home/%i/x', undefined],
    ['/usr/bin', /folder/],
    ['none', /is in none of/],
    ['/opt/arm', /aarch64/],
    ['/opt/ring', /does not exist/],
    ['/opt/script', /interpreter.*\/usr\/bin\/none does not exist/],
    ['/opt/empty', /empty/],
  ]
  for (const [command, why] of cases) why ? t.match(await cannotStart(tree, command), why, command) : t.equal(await cannotStart(tree, command), undefined, command)
})
