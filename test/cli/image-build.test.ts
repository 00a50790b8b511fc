import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { debugfs, smallImage, tool, type ImageOptions } from '../image-builder/small-image.ts'
import { imageHost } from './image-host.ts'

/** With room left, which a build looks for. */
const spacious = (folder: string, more: ImageOptions = {}): string => smallImage(folder, { size: 400, ...more })
/** The accounts of a small image may be read by everybody. */
const WELL_ENOUGH = ['--accept', 'world-readable-secret']
const MAIN = fileURLToPath(new URL('../../cli/main.ts', import.meta.url))
const virtualSize = (image: string): number => (JSON.parse(tool('qemu-img', ['info', '--output=json', image])) as Record<'virtual-size', number>)['virtual-size']

t.test('--plan prints every change; nothing is written, and no token made', async (t) => {
  const { folder, names, image, tokens } = await imageHost(t)
  const base = spacious(folder)
  const before = readFileSync(base)
  const people = await image('build', base, '--plan')
  t.match(people, { exitCode: 0, stdout: /base\.qcow2: Debian GNU\/Linux 12 \(bookworm\), direct, \d+ changes; none was made\n/ })
  t.match(people.stdout, /^ {2}file \/opt\/trovestrap\/guest-bootstrap\.mjs 0644 0:0 /m)

  const programs = await image('build', base, '--plan', '--json', '-o', join(folder, 'out.qcow2'))
  const { changes } = JSON.parse(programs.stdout) as { changes: { line: string }[] }
  t.same(changes.map(({ line }) => `  ${line}`), people.stdout.split('\n').filter((line) => line.startsWith('  ')))
  t.same(names(), ['base.qcow2'])
  t.ok(readFileSync(base).equals(before))
  t.same(tokens(), [])
})

t.test('OUT has a fresh token of this host in it, and what the build says tells no secret', async (t) => {
  const { folder, names, image, tokens } = await imageHost(t)
  const [base, out] = [spacious(folder), join(folder, 'out.qcow2')]
  const built = await image('build', base, '-o', out, ...WELL_ENOUGH, '--json')
  t.equal(built.exitCode, 0, built.told)
  t.match(JSON.parse(built.stdout), { out, way: 'direct', rebuilt: false, findings: [{ code: 'world-readable-secret', level: 'error' }] })
  t.same(names(), ['base.qcow2', 'out.qcow2', 'out.qcow2.json'])
  const { token, urls } = JSON.parse(debugfs(folder, out, 'cat /etc/trovestrap/guest.json')) as { token: string; urls: string[] }
  const [id, secret] = token.split('.') as [string, string]
  t.same(urls, ['https://controller:15555'])
  t.match(tokens(), [{ id, description: `image ${out}`, revoked: undefined }])
  t.notMatch(built.stdout, secret)
})

t.test('--token-file none: no token in OUT, none made; --grow enlarges it', async (t) => {
  const { folder, image, tokens } = await imageHost(t)
  const [base, out] = [spacious(folder), join(folder, 'out.qcow2')]
  const built = await image('build', base, '-o', out, '--token-file', 'none', '--grow', '+16M', ...WELL_ENOUGH)
  t.match(built, { exitCode: 0, stdout: /out\.qcow2: Debian GNU\/Linux 12 .* changes, \d+\.\d s\n.*image inspect/ })
  const guest = JSON.parse(debugfs(folder, out, 'cat /etc/trovestrap/guest.json')) as Record<string, unknown>
  t.match(guest, { urls: ['https://controller:15555'] })
  t.notOk('token' in guest)
  t.same(tokens(), [])
  t.equal(virtualSize(out), virtualSize(base) + 16 * 2 ** 20)
})

t.test('sizes that are none are refused with what was expected', async (t) => {
  const { folder, names, image } = await imageHost(t)
  for (const size of ['10', '5K', '+0G', '-1G', 'G', '1G more']) {
    t.match(await image('build', 'base.qcow2', '-o', join(folder, 'out.qcow2'), `--grow=${size}`), { exitCode: 2, told: `expected a size such as 10G, or +2G for 2 GiB more; got "${size}"` })
  }
  t.same(names(), [])
})

t.test('without OUT, or with one that is there: told what to type, nothing made', async (t) => {
  const { folder, names, image, tokens } = await imageHost(t)
  const [base, out] = [spacious(folder), join(folder, 'out.qcow2')]
  t.match(await image('build', base), { exitCode: 2, stdout: '', told: `trovestrap image build ${base} -o OUT.qcow2      or, to see what would be done: --plan` })
  writeFileSync(out, 'dear to somebody')
  t.match(await image('build', base, '-o', out), { exitCode: 2, stdout: '', told: /out\.qcow2 is there already; .*--force.*nothing written/ })
  t.equal(readFileSync(out, 'utf8'), 'dear to somebody')
  t.same(names(), ['base.qcow2', 'out.qcow2'])
  t.same(tokens(), [])
})

t.test('an error-level finding forbids OUT and takes the token back; accepted by id and code it is made', async (t) => {
  const { folder, names, image, tokens } = await imageHost(t)
  const [base, out] = [spacious(folder, { tree: { 'root/trove-installed': '' } }), join(folder, 'out.qcow2')]
  const { exitCode, stdout, told } = await image('build', base, '-o', out, ...WELL_ENOUGH)
  t.match({ exitCode, stdout, told }, { exitCode: 1, stdout: '', told: /B5 trove-marker: .*\/root\/trove-installed.*\n.*--accept trove-marker\n.*nothing written/ })
  t.notMatch(told, '--accept world-readable-secret', 'only what forbids it is told')
  t.same(names(), ['base.qcow2'])
  t.match(tokens(), [{ description: `image ${out}`, revoked: String }])

  t.match(await image('build', base, '-o', out, '--accept', 'B5', ...WELL_ENOUGH), { exitCode: 0, stdout: /^error: .*\/root\/trove-installed.*\(B5 trove-marker\)$/m })
  t.same(names(), ['base.qcow2', 'out.qcow2', 'out.qcow2.json'])
  t.match(tokens().map(({ revoked }) => typeof revoked).sort(), ['string', 'undefined'], 'the one of OUT opens')
})

t.test('SIGTERM ends a build: exit code 1, nothing is left, the token is taken back', async (t) => {
  const { config, folder, names, tokens } = await imageHost(t)
  const base = spacious(folder, { tree: { 'var/ballast': Buffer.alloc(32 * 2 ** 20, 'x') } })
  const build = spawn(process.execPath, [MAIN, '--config', config, 'image', 'build', base, '-o', join(folder, 'out.qcow2'), ...WELL_ENOUGH], { stdio: ['ignore', 'ignore', 'pipe'] })
  t.teardown(() => build.kill('SIGKILL'))
  const ended = once(build, 'close')
  build.stderr.once('data', () => build.kill('SIGTERM')) // the first step is done, the copy has begun
  const told = await text(build.stderr)
  t.same(await ended, [1, null], told)
  t.match(told, /trovestrap: ended before it was done; nothing written\n$/)
  t.same(names(), ['base.qcow2'])
  t.match(tokens(), [{ revoked: String }])
})
