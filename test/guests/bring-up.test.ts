// One guest from a built image, from its first boot to a healthy database, with everything that can happen on the way:
// a power cut in the middle, RabbitMQ away, another source tree. What each test leaves is what the next one finds.
import { setTimeout as pause } from 'node:timers/promises'
import { appendFile, rm } from 'node:fs/promises'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import root from 'tap'
import { parseConsoleLine } from '../../contract/console-line.ts'
import { secretsIn } from '../../contract/known-secrets.ts'
import { OsloConfig } from '../../contract/oslo-config.ts'
import { GUEST, UNITS } from '../../contract/paths.ts'
import { cacheRoot } from '../../lab/cache.ts'
import { startScene } from '../../lab/scene.ts'
import { until } from '../../lab/until.ts'
import { troveTree } from '../../lab/trove-tree.ts'
import { canary, keyCanary, tokenCanary, tracesOf } from '../canaries/canary.ts'
import { linesOf } from '../canaries/running.ts'
import { gitCheckout } from './git-checkout.ts'
import { telling } from './telling.ts'

const BOOT_MS = 240_000
const READY_MS = 240_000
const HEALTHY_MS = 420_000

const dir = join(cacheRoot(), `test-bring-up-${process.pid}`)
await using _emptied = { [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }) }
await using scene = await startScene(dir, telling(root))
const instance = await scene.controlPlane.createInstance('db-1')
const { broker } = scene.controlPlane
await broker.stop()
await using guest = await scene.boot(instance, { power: 'cut' })
const ready = (from: number, timeoutMs = READY_MS) => guest.console.waitFor(/stage=ready state=done/, { timeoutMs, from })
const boots = () => guest.console.text().split('Linux version').length - 1
const shell = (command: string): Promise<{ stdout: string }> => guest.shell(command, { user: scene.debug.user, privateKey: scene.debug.privateKey })

await root.test('a power cut at a random moment of the first bring-up is followed by one that goes on', async (t) => {
  await guest.console.waitFor(/trovestrap\[\d+\]: stage=identify/, { timeoutMs: BOOT_MS })
  const moment = Math.floor(Math.random() * 12_000)
  t.comment(`power cut ${moment} ms after the daemon's first word`)
  await pause(moment)
  await guest.kill()
  const from = guest.console.mark()
  await guest.start()
  await guest.console.waitFor(/stage=fetch state=done/, { timeoutMs: BOOT_MS, from })
})

await root.test('with RabbitMQ stopped, console and status both say so, with address and reason', async (t) => {
  const line = await guest.console.waitFor(/stage=reach-rabbitmq state=failed .*message=".*"/, { timeoutMs: BOOT_MS, from: guest.console.mark() })
  const words = parseConsoleLine(line.input)?.words
  t.match(words, { code: 'AMQP_REFUSED', host: '10.0.2.2', port: String(broker.port), message: /connection refused/ })
  const heard = async () => (await scene.host.client.instances()).instances.find(({ latest }) => latest?.fault?.code === 'AMQP_REFUSED')
  const view = await until('the report of it', heard, { timeoutMs: BOOT_MS })
  t.match(view, { instance: instance.id, latest: { stage: 'reach-rabbitmq', fault: { message: /connection refused/ } } })
  t.match(await scene.host.trovestrap(['status']), new RegExp(`reach-rabbitmq .*connection refused.*10\\.0\\.2\\.2:${broker.port}`))
  t.match(await scene.host.trovestrap(['status', instance.id.slice(0, 8)]), /✘ reach-rabbitmq/)
})

await root.test('once RabbitMQ runs again the guest becomes ready, without a reboot', async (t) => {
  // As long as it takes an operator to notice; the guest uses the time.
  await guest.console.waitFor(/stage=reach-rabbitmq state=failed .*attempt=1\d /, { timeoutMs: BOOT_MS })
  const bootsBefore = boots()
  const from = guest.console.mark()
  await broker.start()
  const began = performance.now()
  await ready(from, READY_MS)
  t.comment(`ready ${((performance.now() - began) / 1000).toFixed(1)} s after RabbitMQ (${guest.accelerator})`)
  t.equal(boots(), bootsBefore)
  t.equal(await instance.consumers(), 1)
})

await root.test('the agent runs from the fetched tree as its own user, and no Node is left', async (t) => {
  await agentRuns(t, /trove\.cmd\.guest/)
})

await root.test("Trove's conductor writes down what the agent reports after the real prepare: healthy", async (t) => {
  await instance.prepare()
  t.match(await instance.waitForStatus('healthy', HEALTHY_MS), { status: 'healthy', statusId: 0x21 })
})

await root.test('an agent that is killed later is told of on the console and to the host, with its last lines, and is heard again', async (t) => {
  const from = guest.console.mark()
  await shell(`sudo systemctl kill --signal=KILL ${UNITS.agent}`)
  const line = await guest.console.waitFor(/stage=ready state=failed code=AGENT_FAILED/, { timeoutMs: READY_MS, from, whole: true })
  t.match(parseConsoleLine(line.input)?.words, { unit: UNITS.agent, status: '9' })
  const told = async () => (await scene.host.client.instance(instance.id)).reports.find(({ report }) => report.fault?.code === 'AGENT_FAILED')
  t.match(await until('the report of it', told, { timeoutMs: READY_MS }), { report: { stage: 'ready', state: 'failed' } })
  await guest.console.waitFor(/stage=ready state=done .*heard again/, { timeoutMs: READY_MS, from })
  t.equal(await instance.consumers(), 1)
})

await root.test('after a power cut it comes up again, from the git checkout that the host hands out by now', async (t) => {
  await guest.kill()
  await scene.host.serveSource(gitCheckout(await troveTree(() => {}), join(dir, 'checkout')))
  const from = guest.console.mark()
  await guest.start()
  await ready(from, BOOT_MS + READY_MS)
  await agentRuns(t, /contrib\/trove-guestagent/)
  const [view] = (await scene.host.client.instances()).instances
  t.equal(view?.latest?.revision, await scene.host.revision())
  t.equal((await shell(`sudo ls ${GUEST.currentSource}/ | grep -c ignored.log`)).stdout.trim(), '0')
})

await root.test('what the debug user may read tells no secret, and secrets are for their owners', async (t) => {
  const { stdout } = await shell(`stat -c '%a %U %n' ${GUEST.confDir}/*.conf`)
  for (const line of stdout.trim().split('\n')) t.match(line, /^600 trove /, line)
  const words = (await shell('sudo stat -c "%a %U" /etc/trovestrap/guest.json')).stdout.trim()
  t.equal(words, '600 root')
  const journal = (await shell(`sudo journalctl -o cat -u ${UNITS.guest}`)).stdout
  t.notMatch(journal, broker.password.reveal())
  t.notMatch(guest.console.text(), broker.password.reveal())
})

await root.test('the unit that renews the credential runs as it is confined, and renews one that is due', async (t) => {
  const ends = async () => (await scene.host.client.instances()).instances[0]!.credential_expires
  const before = await ends()
  // In the second half of its life, as its guest remembers it.
  const file = `${GUEST.state}/enrolment.json`
  const expires = async () => (JSON.parse((await shell(`sudo cat ${file}`)).stdout) as { granted: { expires: string } }).granted.expires
  const due = new Date(Date.now() + 20_000).toISOString()
  await shell(`sudo sed -i 's/${await expires()}/${due}/' ${file} && sudo systemctl start ${UNITS.renew}; while systemctl is-active --quiet ${UNITS.renew}; do sleep 0.2; done`)
  t.equal((await shell(`systemctl show -P Result ${UNITS.renew}`)).stdout.trim(), 'success')
  t.ok((await ends()) > before)
  t.not(await expires(), due)
})

await root.test('no secret of guest or host stands on the console, in the journal, in a log, or in what is seen of processes', async (t) => {
  const inGuest = async (path: string) => JSON.parse((await shell(`sudo cat ${path}`)).stdout) as { token: string; secret: string }
  const text = (name: string) => readFileSync(join(scene.host.state, name), 'utf8')
  const canaries = [
    canary("RabbitMQ's password", broker.password.reveal()),
    tokenCanary('bootstrap token', (await inGuest(GUEST.config)).token),
    canary("instance's secret", (await inGuest(`${GUEST.state}/enrolment.json`)).secret),
    canary('operator token', text('operator.token').trim().split('.')[1]!),
    ...['ca-key', 'server', 'signing-key'].map((name) => keyCanary(name, text(`pki/${name}.pem`))),
    ...secretsIn([OsloConfig.parse(instance.guestInfo.content, 'guest_info')]).map((secret) => canary('secret of guest_info', secret)),
  ]
  const places = {
    console: guest.console.text(),
    journal: (await shell(`sudo journalctl -o cat -u ${UNITS.guest} -u ${UNITS.agentFailed}`)).stdout,
    'processes of the guest': (await shell(`sudo sh -c 'cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr "\\0" " "'`)).stdout,
    "host-server's log": readFileSync(scene.host.log, 'utf8'),
    'process of the host': linesOf(scene.host.pid()),
    database: readFileSync(join(scene.host.state, 'trovestrap.sqlite')),
  }
  for (const [place, seen] of Object.entries(places)) {
    t.ok(seen.length > 100, `${place} was seen`)
    t.same(tracesOf(canaries, Buffer.from(seen)), [], place)
  }
})

await root.test('the debug user logs in on the serial console and becomes root without a further question', async (t) => {
  const say = async (line: string, answer: RegExp) => {
    const from = guest.console.mark()
    guest.console.type(`${line}\n`)
    return await guest.console.waitFor(answer, { timeoutMs: BOOT_MS, from })
  }
  await say('', /login: $/)
  await say(scene.debug.user, /Password: $/)
  await say(scene.debug.password.reveal(), /\$ $/)
  t.match(await say('sudo id -un | sed s/^/I-am-/', /I-am-root$/), ['I-am-root'])
  t.notMatch(guest.console.text(), scene.debug.password.reveal())
})

await root.test('a guest that follows runs what is saved on the host, and stays with what it has where that does not compile', async (t) => {
  const view = () => scene.host.client.instance(instance.id)
  const agent = async () => (await shell(`systemctl show -P MainPID ${UNITS.agent}`)).stdout.trim()
  const module = join(dir, 'checkout', 'trove', 'guestagent', 'dbaas.py')
  await scene.host.stop()
  await scene.host.start({ follow: true })
  let from = guest.console.mark()
  await shell(`sudo systemctl --no-block restart ${UNITS.guest}`)
  await ready(from)
  await until('its open question', async () => ((await view()).follows ? true : undefined), { timeoutMs: READY_MS })

  const [revision, before] = [await scene.host.revision(), await agent()]
  from = guest.console.mark()
  await appendFile(module, '# saved on the host\n')
  await ready(from)
  t.match(guest.console.text().slice(from), /stage=fetch state=done .*B sent\), verified/)
  const served = await scene.host.revision()
  t.not(served, revision)
  t.equal((await view()).latest?.revision, served)
  t.not(await agent(), before)
  t.match((await shell(`sudo tail -n 1 ${GUEST.currentSource}/trove/guestagent/dbaas.py`)).stdout, '# saved on the host')
  t.equal(await instance.consumers(), 1)

  const running = await agent()
  from = guest.console.mark()
  await appendFile(module, 'def broken(:\n')
  await guest.console.waitFor(/stage=confirm state=failed code=REVISION_ROLLED_BACK/, { timeoutMs: READY_MS, from })
  await ready(from)
  t.equal(await agent(), running, 'the agent was not stopped for it')
  t.equal((await view()).latest?.revision, served)
  t.match(await scene.host.trovestrap(['status', instance.id.slice(0, 8)]), /dbaas\.py", line \d+\n +def broken\(:[^]*SyntaxError/)
})

async function agentRuns(t: Pick<typeof root, 'equal' | 'same' | 'match'>, launcher: RegExp): Promise<void> {
  const { stdout } = await shell('ps -eo user:32,comm,args')
  const lines = stdout.trim().split('\n')
  const agents = lines.filter((line) => launcher.test(line) && /^trove /.test(line))
  t.equal(agents.length > 0, true, lines.filter((line) => /python/.test(line)).join('\n'))
  t.same(lines.filter((line) => /trovestrap\/bin\/node|^\S+\s+node\s/.test(line)), [])
  const main = (await shell(`systemctl show -P MainPID ${UNITS.agent}`)).stdout.trim()
  const opened = (await shell(`sudo grep -c . /proc/${main}/status; sudo readlink -f ${GUEST.currentSource}`)).stdout
  t.match(opened, new RegExp(`${GUEST.source}/[0-9a-f]{64}`))
  t.match((await shell(`systemctl is-active ${UNITS.agent}`)).stdout, /^active/)
  t.match((await shell(`systemctl show -P Result ${UNITS.guest}`)).stdout, /^success/)
}
