import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { promisify } from 'node:util'
import t from 'tap'
import { openSsh } from '../../../../diagnosis/collect/ssh/open-ssh.ts'
import { USER_KEY } from './ssh-server.ts'

const run = promisify(execFile)
const NAME = `trovestrap-test-${process.pid}`
const SERVER = `
import { startSshServer } from ${JSON.stringify(new URL('ssh-server.ts', import.meta.url).href)}
const server = await startSshServer({ password: 'inside', onCommand: (command, input, channel) => { channel.write('answer'); channel.exit(0); channel.end() } })
console.log(server.port)
`

/** Namespaces are root's, and not every container lets root make one. */
async function makeNamespace(): Promise<string | undefined> {
  try {
    await run('ip', ['netns', 'add', NAME])
    await run('ip', ['netns', 'exec', NAME, 'ip', 'link', 'set', 'lo', 'up'])
    return NAME
  } catch {
    return undefined
  }
}

t.test('a guest is reached from inside a network namespace, and only from there', async (t) => {
  const netns = await makeNamespace()
  if (netns === undefined) {
    await t.rejects(openSsh({ user: 'debug', host: '127.0.0.1', port: 22, privateKey: USER_KEY.private, netns: NAME }, AbortSignal.timeout(5000)), { name: 'CannotSee' }, 'no namespaces here: it is refused in words')
    return
  }
  t.teardown(() => run('ip', ['netns', 'delete', NAME]))
  const server = spawn('ip', ['netns', 'exec', NAME, process.execPath, '--input-type=module-typescript', '-e', SERVER], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.teardown(() => server.kill('SIGKILL'))
  const [line] = (await once(server.stdout, 'data')) as [Buffer]
  const target = { user: 'debug', host: '127.0.0.1', port: Number(line), password: 'inside' }

  await t.rejects(openSsh(target, AbortSignal.timeout(5000)), { message: /^connection refused: / })
  await using guest = await openSsh({ ...target, netns }, AbortSignal.timeout(10_000))
  const { stdout } = await guest.run('anything', { input: '', limit: 1000, signal: AbortSignal.timeout(5000) })
  t.equal(stdout.toString(), 'answer')
  await t.rejects(openSsh({ ...target, netns, port: 1 }, AbortSignal.timeout(5000)), { message: 'connection refused: 127.0.0.1:1' })
})
