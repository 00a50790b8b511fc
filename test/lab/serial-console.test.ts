import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { ConsoleLog } from '../../lab/serial-console.ts'

function consoleIn(t: Tap): ConsoleLog {
  const log = new ConsoleLog(join(t.testdir(), 'console.log'))
  t.teardown(() => log.end())
  return log
}
type Tap = { testdir(): string; teardown(fn: () => void): void }

t.test('lines come whole, without colours and carriage returns, however they were cut', async (t) => {
  const log = consoleIn(t)
  const bytes = Buffer.from('[\x1b[0;32m  OK  \x1b[0m] Started größe\r\nlogin: ')
  for (const byte of bytes) log.take(Buffer.from([byte]))
  t.equal(log.text(), '[  OK  ] Started größe\nlogin: ')
  t.same(await readFile(log.path), bytes, 'the file has the bytes as they came')
})

t.test('whoever reads the lines gets those that were there, those that come, and the end', async (t) => {
  const log = consoleIn(t)
  log.take(Buffer.from('one\ntwo\n'))
  const seen: string[] = []
  const reading = (async () => {
    for await (const line of log.lines()) seen.push(line)
  })()
  log.take(Buffer.from('three\nunfinished'))
  log.end()
  await reading
  t.same(seen, ['one', 'two', 'three'])
})

t.test('a prompt, which is a line without an end, can be waited for', async (t) => {
  const log = consoleIn(t)
  const prompt = log.waitFor(/^(\S+) login: $/, { timeoutMs: 5_000 })
  log.take(Buffer.from('booting\ndb-1 log'))
  log.take(Buffer.from('in: '))
  t.equal((await prompt)[1], 'db-1')
})

t.test('what stood there before a mark does not count', async (t) => {
  const log = consoleIn(t)
  log.take(Buffer.from('ready\n'))
  await log.waitFor(/ready/, { timeoutMs: 1_000 })
  const after = log.waitFor(/ready/, { timeoutMs: 5_000, from: log.mark() })
  log.take(Buffer.from('ready again\n'))
  t.equal((await after).input, 'ready again')
})

t.test('the prompt of the boot before is no prompt of this one', async (t) => {
  const log = consoleIn(t)
  log.take(Buffer.from('db-1 login: '))
  const mark = log.mark()
  const again = log.waitFor(/login: $/, { timeoutMs: 5_000, from: mark })
  log.cut()
  log.take(Buffer.from('Linux version 6.1\n'))
  log.take(Buffer.from('db-2 login: '))
  t.equal((await again).input, 'db-2 login: ')
  t.equal(log.text(), 'db-1 login: \nLinux version 6.1\ndb-2 login: ')
})

t.test('waiting ends with the last lines: when time is up, and when the guest is ended', async (t) => {
  const log = consoleIn(t)
  log.take(Buffer.from('Kernel panic\n'))
  await t.rejects(log.waitFor(/login/, { timeoutMs: 20 }), { message: 'waited 0.02 s for /login/ on the serial console; its last lines:\n  Kernel panic' })
  const never = log.waitFor(/login/, { timeoutMs: 60_000 })
  log.end()
  await t.rejects(never, { message: 'the guest was ended before /login/ stood on its serial console; its last lines:\n  Kernel panic' })
})

t.test('a sticky or global pattern finds every line that a plain one finds', async (t) => {
  const log = consoleIn(t)
  log.take(Buffer.from('a ready\n'))
  const pattern = /ready/g
  pattern.lastIndex = 5
  t.equal((await log.waitFor(pattern, { timeoutMs: 1_000 }))[0], 'ready')
})

t.test('typing into a guest that does not run is refused', async (t) => {
  const log = consoleIn(t)
  t.throws(() => log.type('root\n'), /the guest is not running/)
  const typed: string[] = []
  log.attachKeyboard((text) => typed.push(text))
  log.type('root\n')
  t.same(typed, ['root\n'])
  log.cut()
  t.throws(() => log.type('root\n'), /the guest is not running/)
})
