import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { startDaemon, whileRunning } from '../../lab/daemon.ts'
import { stopLeftovers } from '../../lab/end-with-us.ts'
import { processIdentity } from '../../lab/process-identity.ts'
import { until } from '../../lab/until.ts'

process.env['TROVESTRAP_CACHE'] = t.testdir({ cache: {} })
const NOTES = join(process.env['TROVESTRAP_CACHE']!, 'running')

/** Ignores SIGTERM, and has a child that does so too. */
const STUBBORN = `
import os, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = os.fork()
if child: print(child, flush=True)
time.sleep(1000)
`

t.test('stop ends the whole group, also who ignores SIGTERM', async (t) => {
  const dir = t.testdir()
  const daemon = await startDaemon({
    name: 'stubborn',
    command: ['python3', '-c', STUBBORN],
    log: join(dir, 'log'),
    graceMs: 200,
  })
  const child = await until('the child to be there', async () => Number(await readFile(join(dir, 'log'), 'utf8')) || undefined, { timeoutMs: 10_000 })
  await daemon.stop()
  t.equal(await daemon.ended, 'SIGKILL')
  await gone(child)
  t.equal(daemon.running, false)
  await daemon.stop()
})

t.test('who waits for a daemon hears at once that it ended, and why', async (t) => {
  const log = join(t.testdir(), 'log')
  const daemon = await startDaemon({ name: 'broker', command: ['python3', '-c', 'import sys; sys.exit("port in use")'], log })
  await t.rejects(whileRunning(daemon, new Promise(() => {})), { message: 'broker ended (exit status 1) before it was ready\n  port in use' })
})

for (const [how, signal] of [['is killed with -9', 'SIGKILL'], ['is interrupted', 'SIGINT'], ['is terminated', 'SIGTERM']] as const) {
  t.test(`a daemon ends when its owner ${how}`, async (t) => {
    const { owner, daemon } = await ownerWithDaemon(t.testdir(), 'await new Promise((resolve) => setTimeout(resolve, 1e6))')
    owner.kill(signal)
    t.same(await once(owner, 'exit'), [null, signal])
    await gone(daemon)
  })
}

t.test('a daemon ends when its owner fails', async (t) => {
  const { owner, daemon } = await ownerWithDaemon(t.testdir(), 'process.stdin.once("data", () => { throw new Error("uncaught") }).resume()')
  owner.stdin!.write('now\n')
  t.same(await once(owner, 'exit'), [1, null])
  await gone(daemon)
})

t.test('what a dead owner left running is ended at the next start', async (t) => {
  const orphan = spawn('sleep', ['1000'], { detached: true, stdio: 'ignore' })
  await once(orphan, 'spawn')
  await note(orphan.pid!, { process: processIdentity(orphan.pid!)!, owner: { ...processIdentity(process.pid)!, started: 1 } })
  stopLeftovers()
  t.same(await once(orphan, 'exit'), [null, 'SIGKILL'])
  t.same(await readdir(NOTES), [])
})

t.test('what a living owner runs is left alone, and so is a stranger who got the number', async (t) => {
  const running = spawn('sleep', ['1000'], { detached: true, stdio: 'ignore' })
  await once(running, 'spawn')
  t.teardown(() => running.kill('SIGKILL'))
  const [us, it] = [processIdentity(process.pid)!, processIdentity(running.pid!)!]
  const dead = { ...us, started: 1 }
  await note(running.pid!, { process: it, owner: us })
  stopLeftovers()
  t.same(await readdir(NOTES), [`${running.pid}.json`], 'the owner lives: the note stays')
  await note(running.pid!, { process: { ...it, started: it.started - 1 }, owner: dead })
  stopLeftovers()
  t.same(processIdentity(running.pid!), it, 'it runs on')
  t.same(await readdir(NOTES), [])
})

t.test('a note that cannot be read is thrown away', async (t) => {
  await mkdir(NOTES, { recursive: true })
  await writeFile(join(NOTES, '1.json'), '{"process":')
  stopLeftovers()
  t.same(await readdir(NOTES), [])
})

async function note(pid: number, content: object): Promise<void> {
  await mkdir(NOTES, { recursive: true })
  await writeFile(join(NOTES, `${pid}.json`), JSON.stringify(content))
}

/** A Node of its own that starts a daemon, says its number, and then does what it is told. */
async function ownerWithDaemon(dir: string, then: string) {
  const module = join(import.meta.dirname, '..', '..', 'lab', 'daemon.ts')
  const program = `
    const { startDaemon } = await import(${JSON.stringify(module)})
    const daemon = await startDaemon({ name: 'sleeper', command: ['sleep', '1000'], log: ${JSON.stringify(join(dir, 'log'))} })
    console.log(daemon.pid)
    ${then}
  `
  // Without what tap loads into every Node: its signal handlers take the interrupt for theirs, and then nobody ends the process.
  const owner = spawn('env', ['-u', 'NODE_OPTIONS', process.execPath, '--input-type=module', '-e', program], { stdio: ['pipe', 'pipe', 'ignore'] })
  const [chunk] = (await once(owner.stdout!, 'data')) as [Buffer]
  const daemon = Number(chunk.toString())
  t.ok(processIdentity(daemon), 'the daemon runs')
  return { owner, daemon }
}

async function gone(pid: number): Promise<void> {
  await until(`process ${pid} to be gone`, () => processIdentity(pid) === undefined || undefined, { timeoutMs: 10_000, everyMs: 10 })
}
