import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import https from 'node:https'
import { join } from 'node:path'
import t from 'tap'
import { address, ROUTES } from '../../contract/routes.ts'
import { until } from '../../lab/until.ts'
import { postReports, realHost, type RealHost } from '../host-server/real-host.ts'
import { reportOf } from '../host-server/store/report-of.ts'

const ROOT = join(import.meta.dirname, '../..')
const UNIT = join(ROOT, 'systemd/trovestrap-host.service')
const USER = '60700'

/** The project lies where everybody may read it, as /opt/trovestrap does: in mounts of its own that is /mnt. */
const SANDBOX = ['--mount', '--propagation', 'private', '/bin/sh', '-c', 'mount --bind "$0" /mnt && exec "$@"', ROOT, '/usr/bin/python3', join(import.meta.dirname, 'as_unit.py'), UNIT]
const NODE = '/mnt/node_modules/.bin/node'

const command = (host: RealHost, ...words: string[]): string[] => [...SANDBOX, host.folder, ...words]

/** What a program may do in the sandbox, as it finds out by doing it. */
const TRIES = `
const tried = (act) => { try { return String(act()) } catch (error) { return error.info?.code ?? error.code } }
const fs = require('node:fs'), os = require('node:os')
const found = {
  uid: process.getuid(),
  write: tried(() => fs.writeFileSync('/usr/x', '')),
  priority: tried(() => os.setPriority(5)),
  owner: tried(() => fs.chownSync(process.argv[1], 0, 0)),
  others: tried(() => fs.readdirSync('/proc/1')),
  system: tried(() => fs.readFileSync('/proc/sys/kernel/hostname')),
  caps: /CapEff:\\s*(\\S+)/.exec(fs.readFileSync('/proc/self/status', 'utf8'))[1],
}
require('node:dns').lookup('localhost', (error, address) => console.log(JSON.stringify({ ...found, name: error?.code ?? address })))
`

t.test('under the sandbox of its unit, host-server starts from a git checkout, serves, takes reports, reloads and ends', async (t) => {
  if (process.geteuid!() !== 0) return t.pass('only root can make such a sandbox')
  await using host = await realHost()
  const [guest] = host.enrol(1)
  const tree = join(host.folder, 'tree')
  const git = (...words: string[]) => execFileSync('git', ['-C', tree, '-c', 'user.name=a', '-c', 'user.email=a@b', ...words])
  git('init', '-q')
  git('add', '.')
  git('commit', '-qm', 'tree')
  execFileSync('chown', ['-R', `${USER}:${USER}`, host.folder])

  const tried = spawnSync('unshare', command(host, NODE, '-e', TRIES, host.config), { encoding: 'utf8' })
  t.same(JSON.parse(tried.stdout || `"${tried.stderr}"`), {
    uid: Number(USER), write: 'EROFS', priority: 'EPERM', owner: 'EPERM', others: 'ENOENT', system: 'ENOENT', caps: '0000000000000000', name: '127.0.0.1',
  })

  const child = spawn('unshare', command(host, NODE, '/mnt/cli/main.ts', '--config', host.config, 'serve'), { stdio: ['ignore', 'pipe', 'pipe'] })
  t.teardown(() => child.kill('SIGKILL'))
  let log = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (piece: Buffer) => (log += piece.toString()))
  const ended = once(child, 'close')
  await until('host-server to say that it serves', async () => (/✔ host-server .* source \d+ files/.test(log) ? true : child.exitCode === null ? undefined : Promise.reject(new Error(log))), { timeoutMs: 60_000, everyMs: 20 })
  const headers = { authorization: `Bearer ${guest!.credential}` }
  for (const path of [ROUTES.health, ROUTES.manifest, address(ROUTES.config, guest!.instance)]) t.equal((await host.ask(path, { headers })).status, 200, path)
  const agent = new https.Agent({ ca: host.ca, keepAlive: true })
  t.teardown(() => agent.destroy())
  t.equal((await postReports(host, guest!, [reportOf(1)], agent)).status, 204, 'a report is kept')
  child.kill('SIGHUP')
  await until('it to read everything again', async () => (log.includes('"msg":"reloaded"') ? true : undefined), { timeoutMs: 60_000, everyMs: 20 })
  t.notMatch(log, /"level":[56]0|EPERM|EROFS|EACCES/, 'nothing was in its way')
  child.kill('SIGTERM')
  t.same(await ended, [0, null])
})
