import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import t from 'tap'
import { FOREIGN_AGENT_UNITS, GUEST, UNITS } from '../../contract/paths.ts'
import { MEMORY } from '../../guest-bootstrap/memory.ts'
import { readUnitTexts } from '../../image-builder/plan/unit-texts.ts'

const FOLDER = new URL('../../systemd/', import.meta.url).pathname
const read = (name: string) => readFileSync(join(FOLDER, name), 'utf8')

t.test('systemd-analyze has nothing to say against any unit', async (t) => {
  const root = mkdtempSync(join(tmpdir(), 'units-'))
  t.teardown(() => rmSync(root, { recursive: true, force: true }))
  const units = join(root, 'etc/systemd/system')
  mkdirSync(units, { recursive: true })
  for (const name of Object.values(UNITS)) copyFileSync(join(FOLDER, name), join(units, name))
  // What stands at these paths in a guest and on a host.
  for (const path of [GUEST.node, '/usr/bin/env', '/opt/trovestrap/bin/trovestrap', '/bin/kill', '/bin/systemctl']) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), '#!/bin/sh\n')
    chmodSync(join(root, path), 0o755)
  }
  const vendor = ['/usr/lib/systemd/system', '/lib/systemd/system'].find((path) => existsSync(path))!
  cpSync(vendor, join(root, 'usr/lib/systemd/system'), { recursive: true, verbatimSymlinks: true, filter: (path) => path === vendor || /\.(target|slice|mount|socket)$/.test(path) })
  symlinkSync('usr/lib', join(root, 'lib'))
  const ran = spawnSync('systemd-analyze', ['verify', '--recursive-errors=no', '--man=no', `--root=${root}`, ...Object.values(UNITS).map((name) => join('/etc/systemd/system', name))], { encoding: 'utf8' })
  t.same({ code: ran.status, said: ran.stdout + ran.stderr }, { code: 0, said: '' })
})

t.test('every unit says where it stands in the boot order', async (t) => {
  for (const name of readdirSync(FOLDER).filter((name) => name.endsWith('.service'))) t.match(read(name), /^# .*(Place in the boot order)/m, name)
})

t.test('a guest never gives up: no start limit, and the agent is started again however it ended', async (t) => {
  t.match(read(UNITS.guest), /^StartLimitIntervalSec=0$/m)
  t.match(read(UNITS.agent), /^StartLimitIntervalSec=0$/m)
  t.match(read(UNITS.agent), /^Restart=always$/m)
})

t.test('an agent that ends is told of by a unit that looks once, however the agent ended, and never holds its restart', async (t) => {
  t.match(read(UNITS.agent), `\nExecStopPost=-+/bin/systemctl --no-block restart ${UNITS.agentFailed}\n`)
  const look = read(UNITS.agentFailed)
  t.match(look, `\nConditionPathExists=${MEMORY.heard.path}\n`)
  t.match(look, `\nExecStart=${GUEST.node} ${GUEST.bundle} agent-failed\n`)
  t.match(look, /^StartLimitIntervalSec=0$/m)
  t.match(look, /^RestartForceExitStatus=75\nSuccessExitStatus=75\nRestartSec=60$/m)
  t.notMatch(look, /^(WantedBy|Also)=/m)
})

t.test("the agent's unit takes the place of every agent that images bring", async (t) => {
  t.equal(/^Conflicts=(.*)$/m.exec(read(UNITS.agent))?.[1], FOREIGN_AGENT_UNITS.join(' '))
})

t.test('the daemon is not after cloud-final or network-online, which wait for multi-user or for ever', async (t) => {
  t.notMatch(/^After=(.*)$/m.exec(read(UNITS.guest))?.[1], /cloud-final|network-online|multi-user/)
})

t.test('visudo accepts the sudoers, also for another user; no shell, editor, package manager or ALL is in it', async (t) => {
  for (const user of ['trove', 'ubuntu']) {
    const { sudoers, agent, tmpfiles, sysusers } = await readUnitTexts(user)
    execFileSync('/usr/sbin/visudo', ['-cqf', '-'], { input: sudoers })
    t.match(sudoers, new RegExp(`^${user} ALL=\\(root\\) NOPASSWD: TROVE_`, 'm'))
    t.match(agent, new RegExp(`^User=${user}$`, 'm'))
    t.match(tmpfiles, new RegExp(`^d /var/lib/trove 0755 ${user} ${user} -$`, 'm'))
    t.match(sysusers, new RegExp(`^m ${user} docker$`, 'm'))
    t.notMatch(sudoers.replace(/^#.*$/gm, ''), /NOPASSWD: ALL|\/(ba|da)?sh\b|apt|dnf|yum|systemctl|\/vi|\/tee\b|\*/)
  }
})

t.test('what holds keys or credentials in its memory writes no core dump', async (t) => {
  for (const name of ['trovestrap-host.service', UNITS.guest, UNITS.agentFailed, 'trovestrap-renew.service']) t.match(read(name), /^LimitCORE=0$/m, name)
})

t.test('host-server may list the addresses of this host: where it listens on all of them, fastify ends it otherwise', async (t) => {
  t.match(read('trovestrap-host.service'), /^RestrictAddressFamilies=.*\bAF_NETLINK\b/m)
})
