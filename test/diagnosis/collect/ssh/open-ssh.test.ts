import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import t from 'tap'
import { viaText, type SshTarget } from '../../../../diagnosis/collect/ssh/access.ts'
import { openSsh } from '../../../../diagnosis/collect/ssh/open-ssh.ts'
import { startSshServer, USER_KEY } from './ssh-server.ts'

/** A busy machine takes its time over a key exchange. */
const soon = () => AbortSignal.timeout(15_000)
const at = (port: number, more: Partial<SshTarget> = {}): SshTarget => ({ user: 'debug', host: '127.0.0.1', port, privateKey: USER_KEY.private, ...more })

/** Accepts connections and says `greeting`, or nothing. */
async function tcpServer(greeting?: string): Promise<AsyncDisposable & { port: number }> {
  const open = new Set<Socket>()
  const server = createServer((socket) => {
    open.add(socket.on('error', () => {}))
    if (greeting !== undefined) socket.write(greeting)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

t.test('a command runs with its input, and its output, words and status come back', async (t) => {
  await using server = await startSshServer({
    onCommand: async (command, input, channel) => {
      channel.stderr.write('words')
      channel.write(`${command}: ${await input}`)
      channel.exit(3)
      channel.end()
    },
  })
  await using guest = await openSsh(at(server.port), soon())
  const { stdout, stderr, code, cut } = await guest.run('cat', { input: 'hello', limit: 1000, signal: soon() })
  t.same({ stdout: stdout.toString(), stderr: stderr.toString(), code, cut }, { stdout: 'cat: hello', stderr: 'words', code: 3, cut: undefined })
})

t.test('a password opens too', async (t) => {
  await using server = await startSshServer({ password: 'let me in' })
  const { privateKey: _, ...without } = at(server.port)
  await using _guest = await openSsh({ ...without, password: 'let me in' }, soon())
  t.same(server.users, ['debug'])
})

t.test('the connection is closed when it is let go', async (t) => {
  await using server = await startSshServer()
  {
    await using _guest = await openSsh(at(server.port), soon())
    t.equal(server.users.length, 1)
  }
  const limit = AbortSignal.timeout(2000)
  while (server.users.length > 0 && !limit.aborted) await new Promise((resolve) => setImmediate(resolve))
  t.same(server.users, [])
})

t.test('a guest is reached through a jump host, with the same key', async (t) => {
  await using inner = await startSshServer()
  await using jump = await startSshServer({ forwards: true })
  const target = at(inner.port, { jump: { host: '127.0.0.1', port: jump.port, user: 'gate' } })
  await using _guest = await openSsh(target, soon())
  t.same([jump.users, inner.users, jump.forwarded], [['gate'], ['debug'], [`127.0.0.1:${inner.port}`]])
  t.equal(viaText(target), `debug@127.0.0.1:${inner.port} through gate@127.0.0.1:${jump.port}`)
})

t.test('why there is no connection is said in a few words', async (t) => {
  await using server = await startSshServer()
  await using silent = await tcpServer()
  await using web = await tcpServer('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n')
  await using noise = await tcpServer(`${'x'.repeat(1_000_000)}\n`)
  const closed = await tcpServer()
  await closed[Symbol.asyncDispose]()
  const jump = { host: '127.0.0.1', port: server.port, user: 'gate' }
  const { privateKey: _, ...nothing } = at(server.port)
  const cases: [title: string, target: SshTarget, expected: RegExp, within?: number][] = [
    ['a closed port', at(closed.port), /^connection refused: 127\.0\.0\.1:\d+$/],
    ['a port that says nothing', at(silent.port), /^no answer of an SSH server: 127/, 1000],
    ['a web server', at(web.port), /^(no SSH server|no answer of an SSH server): 127/, 1000],
    ['noise', at(noise.port), /^(no SSH server|no answer of an SSH server): 127/, 1000],
    ['a wrong password', { ...nothing, password: 'wrong' }, /^login of debug refused: 127/],
    ['nothing to log in with', nothing, /^login of debug refused: 127/],
    ['an agent that is not there', { ...nothing, agent: '/nonexistent/agent' }, /^login of debug refused: 127\S+ \(ssh-agent does not answer\)$/],
    ['a key that is none', at(server.port, { privateKey: 'nonsense' }), /^the private key cannot be used: /],
    ['a name that does not exist', at(22, { host: 'no-such-host.invalid' }), /^unknown name: no-such-host\.invalid:22$/],
    ['a jump host that forwards nothing', at(22, { jump }), /: 127\.0\.0\.1:22 from 127\.0\.0\.1$/],
    ['a namespace that is none', at(22, { netns: 'trovestrap-none' }), /^(no such namespace: trovestrap-none|namespace trovestrap-none)/],
    ['the name of no namespace', at(22, { netns: '-x; reboot' }), /^no such namespace: /],
  ]
  for (const [title, target, expected, within = 15_000] of cases) await t.rejects(openSsh(target, AbortSignal.timeout(within)), { name: 'CannotSee', message: expected }, title)
})

t.test('an attempt ends with its signal', async (t) => {
  await using silent = await tcpServer()
  const began = performance.now()
  await t.rejects(openSsh(at(silent.port), AbortSignal.timeout(200)), { name: 'CannotSee' })
  t.ok(performance.now() - began < 1200)
  await t.rejects(openSsh(at(silent.port), AbortSignal.abort()), { name: 'CannotSee', message: /^no answer: / })
})

t.test('a program that floods is not listened to beyond the limit', async (t) => {
  const piece = Buffer.alloc(64 * 1024, 'x')
  await using server = await startSshServer({
    onCommand: (_command, _input, channel) => {
      const flood = () => {
        while (channel.writable && channel.write(piece));
        if (channel.writable) channel.once('drain', flood)
      }
      flood()
    },
  })
  await using guest = await openSsh(at(server.port), soon())
  const { stdout, cut } = await guest.run('yes', { input: '', limit: 500_000, signal: AbortSignal.timeout(5000) })
  t.same([stdout.length, cut], [500_000, 'limit'])
})

t.test('a program that never answers ends with the signal, with what it has said', async (t) => {
  await using server = await startSshServer({ onCommand: (_command, _input, channel) => void channel.write('one line\n') })
  await using guest = await openSsh(at(server.port), soon())
  const { stdout, cut } = await guest.run('sleep', { input: '', limit: 1000, signal: AbortSignal.timeout(1000) })
  t.same([stdout.toString(), cut], ['one line\n', 'late'])
})
