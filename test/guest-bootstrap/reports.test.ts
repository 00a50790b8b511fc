import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Value } from 'typebox/value'
import t from 'tap'
import { parseConsoleLine } from '../../contract/console-line.ts'
import { Fault } from '../../contract/fault.ts'
import { GUEST } from '../../contract/paths.ts'
import { Report } from '../../contract/report.ts'
import { MEMORY, remember } from '../../guest-bootstrap/memory.ts'
import { consoleOutlet } from '../../guest-bootstrap/reports/console-outlet.ts'
import { hostOutlet } from '../../guest-bootstrap/reports/host-outlet.ts'
import { reporter } from '../../guest-bootstrap/reports/reporter.ts'
import type { Event } from '../../guest-bootstrap/engine.ts'
import type { HttpRequest } from '../../guest-bootstrap/system.ts'
import { INSTANCE, machine, type Machine } from './machine.ts'

const BOOT = '0b8f1c5e-1111-4111-8111-111111111111'
const FAILED: Event = { stage: 'reach-rabbitmq', state: 'failed', attempt: 6, next: 3, fault: new Fault('AMQP_REFUSED', { host: '10.0.2.2', port: 5672 }, '10.0.2.2:5672') }

function guest(t: Parameters<typeof machine>[0], http?: (request: HttpRequest) => Promise<number>): Machine {
  const empty = async function* () {}
  // Gathering and trying again take no time here; the limit of a flush is never reached.
  const clock = { now: Date.now, uptime: () => 10, sleep: (seconds: number) => (seconds < 100 ? Promise.resolve() : new Promise<void>(() => {})) }
  const it = machine(t, { changed: http ? { clock, http: async (request) => ({ status: await http(request), headers: {}, body: empty() }) } : {} })
  it.put('/proc/sys/kernel/random/boot_id', `${BOOT}\n`)
  remember(it.system.files, MEMORY.identity, { instance: INSTANCE, urls: [], source: '' })
  return it
}

function known(it: Machine): void {
  remember(it.system.files, MEMORY.host, { url: 'https://h:1', uptime: 0 })
  remember(it.system.files, MEMORY.enrolment, { instance: INSTANCE, secret: 's'.repeat(43), granted: { instance: INSTANCE, expires: '2030-01-01', signing_keys: [], at: 0 } })
}

t.test('reports are counted, dated, and of the form that the host takes, however long a note is', async (t) => {
  const it = guest(t)
  it.system.files.point(GUEST.currentSource, 'a'.repeat(64))
  const said: Report[] = []
  const announce = reporter(it.system, [(report) => said.push(report)])
  announce({ stage: 'identify', state: 'begun', attempt: 1 })
  announce({ ...FAILED, note: 'x'.repeat(1000), fault: new Fault('AGENT_EXITED', { last: 'y'.repeat(3000) }, 'z'.repeat(3000)) })
  t.match(said[0], { boot: BOOT, seq: 1, uptime: 10, stage: 'identify', state: 'begun', attempt: 1, revision: undefined })
  t.match(said[1], { seq: 2, run: said[0]!.run, revision: 'a'.repeat(64) })
  for (const report of said) t.same([...Value.Errors(Report, report)], [])
})

t.test("sshd's host keys are told once in a run, and again when they are others; what is no key is not told", async (t) => {
  const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGVf0Qq1p0rPTwE5p3QyN2m1JrN0o0u8g2oW6cYH6q2K'
  const it = guest(t)
  const said: Report[] = []
  const begin = () => reporter(it.system, [(report) => said.push(report)])
  const announce = begin()
  announce({ stage: 'identify', state: 'begun', attempt: 1 })
  it.put('/etc/ssh/ssh_host_ed25519_key.pub', `${key} root@db-1\n`)
  it.put('/etc/ssh/ssh_host_rsa_key.pub', 'not a key\n')
  for (const stage of ['network', 'enrol'] as const) announce({ stage, state: 'begun', attempt: 1 })
  it.put('/etc/ssh/ssh_host_ed25519_key.pub', `${key.replace('GVf0', 'AAAA')} root@db-1\n`)
  announce({ stage: 'fetch', state: 'begun', attempt: 1 })
  begin()({ stage: 'identify', state: 'begun', attempt: 1 })
  t.same(said.map(({ host_keys }) => host_keys), [undefined, [key], undefined, [key.replace('GVf0', 'AAAA')], [key.replace('GVf0', 'AAAA')]])
  for (const report of said) t.same([...Value.Errors(Report, report)], [])
})

t.test('the console gets each as one line that programs read back', async (t) => {
  const it = guest(t)
  const path = join(it.root, 'console')
  writeFileSync(path, '')
  reporter(it.system, [consoleOutlet(path)])(FAILED)
  const text = readFileSync(path, 'utf8')
  t.match(text, /^trovestrap\[\d+\]: stage=reach-rabbitmq state=failed code=AMQP_REFUSED host=10\.0\.2\.2 port=5672 attempt=6 next=3s message="connection refused: 10\.0\.2\.2:5672"\n$/)
  t.match(parseConsoleLine(text), { stage: 'reach-rabbitmq', state: 'failed', words: { code: 'AMQP_REFUSED' } })
})

t.test('a console that is not there holds nobody', async (t) => {
  const it = guest(t)
  reporter(it.system, [consoleOutlet('/nowhere/console')])(FAILED)
  t.pass()
})

t.test('what was said before the host was known is sent later, in order, in one request', async (t) => {
  const sent: number[][] = []
  const it = guest(t, async ({ json }) => {
    sent.push((json as Report[]).map(({ seq }) => seq))
    return 204
  })
  const host = hostOutlet(it.system)
  const announce = reporter(it.system, [host.outlet])
  for (let count = 0; count < 3; count++) announce(FAILED)
  known(it)
  await host.flush(100)
  t.same(sent, [[1, 2, 3]])
})

t.test('reports wait while the host fails, and one it can never take is let go', async (t) => {
  const statuses = [500, 401, 400, 204]
  const sent: [number, number[]][] = []
  const it = guest(t, async ({ json, url }) => {
    t.equal(url, `https://h:1/v1/reports/${INSTANCE}`)
    const status = statuses.shift() ?? 204
    sent.push([status, (json as Report[]).map(({ seq }) => seq)])
    return status
  })
  known(it)
  const host = hostOutlet(it.system)
  const announce = reporter(it.system, [host.outlet])
  announce(FAILED)
  await host.flush(100)
  announce(FAILED)
  await host.flush(100)
  t.same(sent, [[500, [1]], [401, [1]], [400, [1]], [204, [2]]])
  t.ok(it.system.files.stat(MEMORY.enrolment.path), 'and a 401 for a report changes nothing')
})

t.test('of very many only the newest are kept', async (t) => {
  const sent: number[] = []
  const it = guest(t, async ({ json }) => {
    sent.push(...(json as Report[]).map(({ seq }) => seq))
    return 204
  })
  known(it)
  const host = hostOutlet(it.system)
  const announce = reporter(it.system, [host.outlet])
  for (let count = 0; count < 600; count++) announce(FAILED)
  await host.flush(100)
  t.same([sent.length, sent[0], sent.at(-1)], [500, 101, 600])
})
