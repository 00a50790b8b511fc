import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { ROOT_SCRIPT, rootCommand } from '../../../../diagnosis/collect/guest/ask-as-root.ts'
import { USER_SCRIPT, userCommand } from '../../../../diagnosis/collect/guest/ask-as-user.ts'
import { NETWORK_SCRIPT, networkCommand } from '../../../../diagnosis/collect/guest/ask-network.ts'
import { pathsOf, probesOf } from '../../../../diagnosis/collect/guest/reached.ts'
import { drawBoundary, sectionsOf } from '../../../../diagnosis/collect/guest/sections.ts'

/** As a guest's login shell would. */
async function inShell(command: string, script: string): Promise<{ stdout: string; stderr: string; code: number | null }> {
  const shell = spawn('/bin/sh', ['-c', command], { stdio: 'pipe' })
  shell.stdin.on('error', () => {}).end(script)
  const [stdout, stderr, [code]] = await Promise.all([text(shell.stdout), text(shell.stderr), once(shell, 'close') as Promise<[number | null]>])
  return { stdout, stderr, code }
}

const namesIn = (output: string, boundary: string) => [...sectionsOf(Buffer.from(output), boundary).keys()].filter((name) => name !== '')

t.test('what is asked as the user is asked in this order, to the end, on any machine', async (t) => {
  const boundary = drawBoundary()
  const { stdout, code } = await inShell(userCommand(boundary), USER_SCRIPT)
  t.same(namesIn(stdout, boundary), ['clock', 'uptime', 'units', 'addresses', 'routes', 'texts', 'devices', 'python', 'disks', 'end'])
  t.equal(code, 0)
  t.match(sectionsOf(Buffer.from(stdout), boundary).get('clock'), /^\d{10}\.\d{9}\n/)
})

t.test('what is asked as root comes in two streams, neither with a word of a shell in it', async (t) => {
  const boundary = drawBoundary()
  const { stdout, stderr } = await inShell(userCommand(boundary), ROOT_SCRIPT)
  t.same(namesIn(stdout, boundary), ['who', 'config', 'places', 'unreadable', 'files', 'journal-daemon', 'journal-agent', 'logs', 'cloud-init-log', 'journal-boot', 'end'])
  t.same(namesIn(stderr, boundary).filter((name) => !name.startsWith('docker')), ['kernel', 'agent-sudo', 'end-aside'])
  t.notMatch(stdout + stderr, /not found|syntax error|unexpected/i)
  t.match(sectionsOf(Buffer.from(stdout), boundary).get('who'), /^(root|user) [\d.]+\n/)
})

t.test('the commands hold nothing but the boundary', async (t) => {
  for (const command of [userCommand('--0a'), rootCommand('--0a')]) t.match(command, /^exec \/bin\/sh [-\w $'";></,]+--0a$/)
})

t.test('connections are tried from where the script runs, and say how they went', async (t) => {
  const server = createServer((socket) => socket.end()).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const { port } = server.address() as AddressInfo
  const boundary = drawBoundary()
  const places = [
    { host: '127.0.0.1', port },
    { host: '127.0.0.1', port: 1 },
    { host: 'no-such-host.invalid', port: 5672 },
    { host: '127.0.0.2', port: 0 },
  ]
  const { stdout } = await inShell(networkCommand(boundary, places), NETWORK_SCRIPT)
  const sections = sectionsOf(Buffer.from(stdout), boundary)
  t.same(
    probesOf(sections.get('probes')).toSorted((a, b) => a.outcome.localeCompare(b.outcome)),
    [
      { host: '127.0.0.1', port, outcome: 'open' },
      { host: '127.0.0.1', port: 1, outcome: 'refused' },
      { host: 'no-such-host.invalid', port: 5672, outcome: 'unknown-name' },
    ],
  )
  t.match(pathsOf(sections.get('paths')), [{ to: '127.0.0.1', route: /dev lo/ }, { to: 'no-such-host.invalid', route: 'unknown name' }, { to: '127.0.0.2', route: /dev lo/ }])
})

t.test('a place whose name could be anything else than a name never reaches a shell', async (t) => {
  const hosts = ['x;reboot', '$(id)', '-x', 'a b', "a'b", '`id`', 'a\nb', '']
  t.equal(networkCommand('--0a', hosts.map((host) => ({ host, port: 1 }))).trimEnd(), 'exec /bin/sh -s -- --0a')
  t.equal(networkCommand('--0a', [{ host: 'a', port: 1.5 }, { host: 'a', port: 70000 }, { host: 'fd00::1', port: 5671 }]), 'exec /bin/sh -s -- --0a fd00::1 5671')
})
