// A guest that has said the same for weeks, a broker that nobody looked after: what diagnose reads of it must not grow with it.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { INSTANCE } from '../diagnosis/seen-of.ts'

const MB = 1e6
const SIZE = 300 * MB
/** More than any collector looks at. */
const END = 20 * MB
const CONSOLE = 'trovestrap[412]: stage=reach-rabbitmq state=failed code=AMQP_REFUSED host=10.0.2.2 port=5672 vhost=/ user=trove attempt=6 next=5s message="connection refused"\r\n'
const BROKER = "2026-11-25 10:48:59.123 [error] <0.9.0> PLAIN login refused: user 'trove' - invalid credentials\n"
/** Prints the most memory that the process ever had, kilobytes, behind all that it says. */
const TELLS_MEMORY = "data:text/javascript,process.on('exit',()=>process.stderr.write('\\n'+process.resourceUsage().maxRSS))"

t.test('a console and logs of 300 MB cost a little more than small ones, of a line each or of a single endless line', async (t) => {
  const dir = t.testdir({ 'small.console': CONSOLE, 'small.log': BROKER })
  const lines = { console: large(dir, 'lines.console', CONSOLE), log: large(dir, 'lines.log', BROKER) }
  const endless = { console: large(dir, 'endless.console', 'x'), log: large(dir, 'endless.log', 'x') }
  const least = await look(t, join(dir, 'small.console'), join(dir, 'small.log'))
  for (const [title, { console, log }] of Object.entries({ lines, endless })) {
    const { memory, took } = await look(t, console, log)
    t.ok(memory - least.memory < 100 * MB, `${title}: ${Math.round((memory - least.memory) / MB)} MB more`)
    t.comment(`${title}: ${took.toFixed(1)} s; small files: ${least.took.toFixed(1)} s`)
  }
})

/** A hole, and behind it the same again and again. */
function large(dir: string, name: string, text: string): string {
  const path = join(dir, name)
  writeFileSync(path, '')
  truncateSync(path, SIZE - END)
  appendFileSync(path, text.repeat(Math.ceil(END / text.length)))
  return path
}

/** diagnose as typed. @returns bytes and seconds */
async function look(t: Test, console: string, log: string): Promise<{ memory: number; took: number }> {
  const began = performance.now()
  const without = ['record', 'broker', 'guest', 'trove', 'nova', 'neutron', 'machine']
  const argv = ['--import', TELLS_MEMORY, 'cli/main.ts', 'diagnose', INSTANCE, '--console', console, '--rabbitmq-log', log, '--conductor-log', log, '--taskmanager-log', log, '--json', '--without', ...without]
  const child = spawn(process.execPath, argv, { cwd: join(import.meta.dirname, '../..'), env: { PATH: process.env['PATH'], HOME: t.testdirName }, stdio: ['ignore', 'pipe', 'pipe'] })
  let [stdout, told] = ['', '']
  child.stdout.on('data', (text: Buffer) => (stdout += text.toString()))
  child.stderr.on('data', (text: Buffer) => (told += text.toString()))
  await once(child, 'close')
  const { not_seen } = JSON.parse(stdout) as { not_seen: { source: string }[] }
  t.same(not_seen.map(({ source }) => source), without, `they were seen${told.replace(/\n?\d+$/, '')}`)
  return { memory: Number(told.split('\n').at(-1)) * 1024, took: (performance.now() - began) / 1000 }
}
