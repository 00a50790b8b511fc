import t from 'tap'
import { asRoot, CommandFailed, run } from '../../lab/run.ts'

t.test('run gives what the program printed, and every line as it comes', async (t) => {
  const lines: string[] = []
  t.equal(await run(['printf', 'a\\nb\\n'], { onLine: (line) => lines.push(line) }), 'a\nb\n')
  t.same(lines, ['a', 'b'])
  t.equal(await run(['cat'], { input: 'typed\n' }), 'typed\n')
  t.equal(await run(['true']), '')
})

t.test('a failure has the status and the last lines of both streams', async (t) => {
  const failure = await run(['python3', '-c', 'import sys; print("out", flush=True); sys.exit("expected a file")']).catch((error: unknown) => error)
  t.ok(failure instanceof CommandFailed)
  t.match((failure as Error).message, /^python3 -c import sys.* ended with exit status 1\n/)
  t.match((failure as Error).message, /\n {2}out\n/)
  t.match((failure as Error).message, /\n {2}expected a file/)
})

t.test('a program that is not there, and one that takes too long', async (t) => {
  await t.rejects(run(['no-such-program']), /exit status 127/)
  await t.rejects(run(['sleep', '60'], { timeoutMs: 50 }), { name: 'CommandFailed', message: /sleep 60/ })
})

t.test('root runs a command as it is, others through sudo', async (t) => {
  t.same(asRoot(['mmdebstrap', '-x']), process.getuid?.() === 0 ? ['mmdebstrap', '-x'] : ['sudo', '--', 'mmdebstrap', '-x'])
})
