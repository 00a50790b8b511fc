import { execFile, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import type { SshTarget } from '../../../diagnosis/collect/ssh/access.ts'
import { commandLine } from '../../../instances/reach/command-line.ts'
import { shellCommand } from '../../../instances/reach/interactive.ts'
import { knownHostKeys } from '../../../instances/reach/known-hosts.ts'
import { reach } from '../../../instances/reach/reach.ts'
import { waysTo } from '../../../instances/reach/ways.ts'
import { realSshd, type RealSshd } from './real-sshd.ts'

const OTHER = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGVf0Qq1p0rPTwE5p3QyN2m1JrN0o0u8g2oW6cYH6q2K'
const at = ({ port, user, key, hostKeys }: RealSshd, more: Partial<SshTarget> = {}): SshTarget => ({ host: '127.0.0.1', port, user, privateKey: readFileSync(key, 'utf8'), hostKeys, ...more })

/** A port that answers nothing, for a way that leads nowhere. */
async function silence(t: Test): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  return (server.address() as AddressInfo).port
}

t.test('of several ways the one that leads in is taken, without waiting for those that lead nowhere', async (t) => {
  const sshd = await realSshd(t)
  const port = await silence(t)
  const began = performance.now()
  const { way, session } = await reach([at(sshd, { port }), at(sshd, { port: 1 }), at(sshd)], AbortSignal.timeout(20_000))
  await using _open = session
  t.equal(way.port, sshd.port)
  t.ok(performance.now() - began < 15_000)
  t.ok(sshd.hostKeys.includes(session.hostKey))
})

t.test('who shows another host key than the guest has reported is not logged in to', async (t) => {
  const sshd = await realSshd(t)
  await t.rejects(reach([at(sshd, { hostKeys: [OTHER] })], AbortSignal.timeout(20_000)), { name: 'NotReached', message: /host key SHA256:\S+, which is none of those that are known: 127\.0\.0\.1:\d+$/ })
  const [, rsa] = sshd.hostKeys
  const { session } = await reach([at(sshd, { hostKeys: [rsa!] })], AbortSignal.timeout(20_000))
  await using _open = session
  t.equal(session.hostKey, rsa, 'of several keys it is asked for one that is known')
})

t.test('where no way leads in, each is named with its reason', async (t) => {
  const sshd = await realSshd(t)
  const ways = [at(sshd, { port: 1 }), at(sshd, { user: 'nobody-of-that-name' })]
  await t.rejects(reach(ways, AbortSignal.timeout(20_000)), { message: `connection refused: 127.0.0.1:1; login of nobody-of-that-name refused: 127.0.0.1:${sshd.port}` })
  await t.rejects(reach([]), { message: 'no address of the guest is known' })
})

t.test("a command's input, output, words and exit status flow as they are", async (t) => {
  const sshd = await realSshd(t)
  const { session } = await reach([at(sshd)], AbortSignal.timeout(20_000))
  await using _open = session
  const run = async (words: readonly string[], input = '') => {
    const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()]
    const all = (stream: PassThrough) => stream.setEncoding('utf8').toArray().then((pieces) => pieces.join(''))
    const texts = Promise.all([all(stdout), all(stderr)])
    stdin.end(input)
    const end = await session.stream(commandLine(words), { stdin, stdout, stderr })
    stdout.end()
    stderr.end()
    return [end, ...(await texts)]
  }
  t.same(await run(['cat'], 'hello'), [{ code: 0 }, 'hello', ''])
  t.same(await run(['echo a | tr a b; echo c >&2; exit 7']), [{ code: 7 }, 'b\n', 'c\n'])
  const odd = ['a b', "it's", '$HOME', '`id`', '*', '', 'ä', '"', '\\', 'a\nb', ';reboot', '--']
  t.same(await run(['printf', '%s|', ...odd]), [{ code: 0 }, odd.map((word) => `${word}|`).join(''), ''])
  t.match(await run(['kill -TERM $$']), [{ signal: 'TERM' }])
  const [, much] = await run(['head -c 3000000 /dev/zero | tr "\\0" x'])
  t.equal((much as string).length, 3_000_000)
})

t.test("OpenSSH's client is run with the guest's key and no other, and lets nobody else be the guest", async (t) => {
  const sshd = await realSshd(t)
  const folder = t.testdir({})
  const known = join(folder, 'known hosts')
  const run = promisify(execFile)
  const shell = { way: { host: '127.0.0.1', port: sshd.port, user: sshd.user }, hostKeys: sshd.hostKeys, keyFile: sshd.key }
  const [program, ...args] = shellCommand(shell, known)
  writeFileSync(known, sshd.hostKeys.map((key) => `trovestrap-guest ${key}\n`).join(''))
  const { stdout } = await run(program!, [...args, 'echo', 'in'], { env: { PATH: process.env['PATH'], HOME: folder } })
  t.equal(stdout, 'in\n')
  writeFileSync(known, `trovestrap-guest ${OTHER}\n`)
  await t.rejects(run(program!, [...args, 'true'], { env: { PATH: process.env['PATH'], HOME: folder } }), { code: 255 })
})

t.test('a jump host is known as OpenSSH knows it, also where its name is hashed', async (t) => {
  const sshd = await realSshd(t)
  const file = join(t.testdir({}), 'known_hosts')
  writeFileSync(file, `[127.0.0.1]:${sshd.port} ${sshd.hostKeys[0]}\n@revoked [127.0.0.1]:${sshd.port} ${OTHER}\n`)
  execFileSync('ssh-keygen', ['-q', '-H', '-f', file], { stdio: 'ignore' })
  const place = { host: '127.0.0.1', port: sshd.port }
  t.same(await knownHostKeys(place, [file, '/nonexistent']), [sshd.hostKeys[0]])
  t.same(await knownHostKeys({ ...place, port: 22 }, [file]), [])
  const jump = { ...place, user: sshd.user }
  const { session } = await reach([at(sshd, { jump: { ...jump, hostKeys: await knownHostKeys(place, [file]) } })], AbortSignal.timeout(20_000))
  await session[Symbol.asyncDispose]()
  await t.rejects(reach([at(sshd, { jump: { ...jump, hostKeys: [OTHER] } })], AbortSignal.timeout(20_000)), { message: /none of those that are known/ })
})

t.test('a guest that only its network’s namespace reaches is reached from there', async (t) => {
  const network = '11111111-2222-4333-8444-555555555555'
  const netns = `qdhcp-${network}`
  try {
    execFileSync('ip', ['netns', 'add', netns], { stdio: 'pipe' })
  } catch {
    return t.pass('namespaces are root’s, and not every container lets root make one')
  }
  t.teardown(() => execFileSync('ip', ['netns', 'delete', netns]))
  execFileSync('ip', ['netns', 'exec', netns, 'ip', 'link', 'set', 'lo', 'up'])
  const sshd = await realSshd(t, { netns })
  const { host: _, ...access } = at(sshd)
  const ways = [at(sshd), ...waysTo([{ address: '198.51.100.9', network }], access, [netns]).map((way) => ({ ...way, host: '127.0.0.1' }))]
  t.same(ways.map(({ netns }) => netns), [undefined, undefined, netns])
  const { way, session } = await reach(ways, AbortSignal.timeout(20_000))
  t.equal(way.netns, netns)
  await session[Symbol.asyncDispose]()
  const known = join(t.testdir({}), 'known')
  writeFileSync(known, sshd.hostKeys.map((key) => `trovestrap-guest ${key}\n`).join(''))
  const [program, ...args] = shellCommand({ way, hostKeys: sshd.hostKeys, keyFile: sshd.key }, known)
  const child = spawn(program!, [...args, 'echo', 'inside'], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.equal((await child.stdout.toArray()).join(''), 'inside\n')
})

t.test('ways: a named address is the only one, and a jump host or a namespace that is named the only way', async (t) => {
  const access = { user: 'debug', port: 22 }
  const places = [{ address: '10.0.0.5', network: 'n1' }, { address: '203.0.113.7' }, { address: '127.0.0.1' }, { address: 'fe80::1' }]
  const names = ['qdhcp-n1', 'qdhcp-n2', 'ovnmeta-n1', 'qrouter-r1', 'other']
  const shown = (ways: readonly SshTarget[]) => ways.map(({ host, netns, jump }) => [host, netns ?? jump?.host].filter((one) => one !== undefined).join(' '))
  t.same(shown(waysTo(places, access, names)), ['10.0.0.5', '203.0.113.7', '10.0.0.5 qdhcp-n1', '10.0.0.5 ovnmeta-n1', '10.0.0.5 qrouter-r1'])
  t.same(shown(waysTo(places, { ...access, host: '127.0.0.1' }, names)), ['127.0.0.1'])
  t.same(shown(waysTo(places, { ...access, netns: 'other' }, names)), ['10.0.0.5 other', '203.0.113.7 other'])
  t.same(shown(waysTo(places, { ...access, jump: { host: 'j', port: 22, user: 'u' } }, names)), ['10.0.0.5 j', '203.0.113.7 j'])
})
