// A guest that follows, in a scratch folder, against a real host-server that follows a real tree. systemd and the agent are stood in for.
import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { FastifyBaseLogger } from 'fastify'
import { pino } from 'pino'
import t, { type Test } from 'tap'
import { GUEST } from '../../contract/paths.ts'
import type { Report } from '../../contract/report.ts'
import { bringUp } from '../../guest-bootstrap/engine.ts'
import { follow } from '../../guest-bootstrap/follow/follow.ts'
import { closeConnections } from '../../guest-bootstrap/machine/real-http.ts'
import { MEMORY, recall } from '../../guest-bootstrap/memory.ts'
import { reporter } from '../../guest-bootstrap/reports/reporter.ts'
import { bringUpStages } from '../../guest-bootstrap/stages.ts'
import { initialise } from '../../host-server/pki/initialise.ts'
import { serve } from '../../host-server/serve.ts'
import { stateFolder } from '../../host-server/state-folder.ts'
import { openStore } from '../../host-server/store/open-store.ts'
import { settingsOf } from '../host-server/settings-of.ts'
import { INSTANCE, machine } from './machine.ts'
import { wellBroker } from './well-broker.ts'

const run = promisify(execFile)
const SURVEY = JSON.stringify({ version: '3.11.2', allowed: true, missing: [], found: [], managed: false, pip: true })
const GOOD = 'VERSION = 1\n'

interface Scene {
  save(text: string, file?: string): void
  /** Resolves with the note or fault of the next `ready`. */
  ready(): Promise<Report>
  /** What of the tree's version.py runs. */
  runs(): string
  readonly said: Report[]
  readonly guest: ReturnType<typeof machine>
}

async function scene(t: Test): Promise<Scene> {
  const conf = '[DEFAULT]\ntransport_url = rabbit://trove:secret@10.0.2.2:5672/\ncontrol_exchange = trove\n'
  const folder = t.testdir({ tree: { trove: { '__init__.py': '', 'version.py': GOOD }, contrib: { 'trove-guestagent': '' }, 'setup.cfg': '[metadata]\nname = trove\n' }, 'agent.conf': conf, 'trove.conf': conf })
  const base = settingsOf(folder)
  const settings = { ...base, source: { ...base.source, version: '18.0.0' } }
  const { token } = await initialise(settings)
  const state = stateFolder(settings.state)
  const store = openStore(state.database)
  store.approvals.open(86_400, new Date())
  store.close()
  const serving = await serve({ ...settings, log: { level: 'fatal' } }, pino({ level: 'fatal' }) as unknown as FastifyBaseLogger, { follow: true })
  let restarts = 0
  let active = 'inactive'
  let started = ''
  const url = `https://127.0.0.1:${serving.address.port}`
  const guest = machine(t, {
    urls: [url],
    ca: readFileSync(state.ca, 'utf8'),
    changed: { amqp: async () => wellBroker() },
    async programs(program, args) {
      if (program === '/usr/bin/python3' && args.includes('-I')) return await python(args.map((arg) => (arg.startsWith(GUEST.source) ? join(guest.root, arg) : arg)))
      if (program === '/usr/bin/python3') return { stdout: SURVEY }
      if (program === 'journalctl') return { stdout: 'Traceback (most recent call last):\n  File "version.py", line 1\nRuntimeError: CRASH\n' }
      if (args[0] === 'restart') {
        started = readFileSync(join(guest.root, GUEST.currentSource, 'trove', 'version.py'), 'utf8')
        const crashes = started.includes('CRASH')
        active = crashes ? 'activating' : 'active'
        return {}
      }
      if (args[0] === 'show') return { stdout: `ActiveState=${active}\nSubState=${active === 'active' ? 'running' : 'auto-restart'}\nNRestarts=${active === 'active' ? restarts : ++restarts}\nExecMainStatus=1\nExecMainCode=1\nResult=exit-code\n` }
      return {}
    },
  })
  guest.put(GUEST.config, JSON.stringify({ format: 1, urls: [url], token: token!.reveal(), agent: { user: 'trove' } }), 0o600)
  guest.put('/etc/trove/conf.d/guest_info.conf', `[DEFAULT]\nguest_id = ${INSTANCE}\ndatastore_manager = mysql\n`)
  guest.put('/usr/bin/python3', '')
  const said: Report[] = []
  let heard = (_report: Report) => {}
  const announce = reporter(guest.system, [(report) => (said.push(report), report.stage === 'ready' && heard(report))])
  await bringUp(bringUpStages, guest.system, { announce, chance: () => 0 })
  t.ok(recall(guest.system.files, MEMORY.followed), 'the host said that it wants to be followed')
  void follow(guest.system, { announce, chance: () => 0 })
  t.teardown(async () => {
    // It would look for its host for ever.
    Object.assign(guest.system.clock, { sleep: () => new Promise(() => {}) })
    closeConnections()
    await serving.close()
  })
  return {
    save: (text, file = 'version.py') => writeFileSync(join(folder, 'tree', 'trove', file), text),
    ready: () => new Promise((resolve) => (heard = resolve)),
    runs: () => started,
    said,
    guest,
  }
}

async function python(args: readonly string[]): Promise<{ code: number; stderr: string }> {
  try {
    await run('/usr/bin/python3', [...args])
    return { code: 0, stderr: '' }
  } catch (error) {
    return { code: 1, stderr: (error as { stderr: string }).stderr }
  }
}

t.test('a save on the host runs in the guest, and the guest says so', async (t) => {
  const { save, ready, runs, guest, said } = await scene(t)
  t.equal(runs(), GOOD)
  const next = ready()
  save('VERSION = 2\n')
  const { note, revision } = await next
  t.equal(runs(), 'VERSION = 2\n')
  t.match(note, /^runs [0-9a-f]{7}$/)
  t.equal(revision?.slice(0, 7), note?.slice(5))
  t.match(guest.get('/run/systemd/system/trovestrap-agent.service.d/50-source.conf'), 'TimeoutStopSec=200ms')
  t.match(said.map(({ stage, state }) => `${stage} ${state}`).slice(-4), ['fetch done', 'start-agent done', 'confirm done', 'ready done'])
})

t.test('a module that does not compile never stops the agent that runs; the error is told with its line', async (t) => {
  const { save, ready, runs, guest } = await scene(t)
  const restarts = () => guest.ran.filter(({ line }) => line.startsWith('systemctl restart')).length
  const before = restarts()
  const next = ready()
  save('def broken(:\n')
  const { fault, note } = await next
  t.match(note, /^runs [0-9a-f]{7} again$/)
  t.match(fault, { code: 'REVISION_ROLLED_BACK', message: /SyntaxError/, details: { lines: /trove\/version\.py", line 1\n +def broken\(:/ } })
  t.equal(restarts(), before)
  t.equal(runs(), GOOD)
  t.equal(guest.get(`${GUEST.currentSource}/trove/version.py`), GOOD)
})

t.test('an agent that does not come up from a change goes back; the next change is taken again', async (t) => {
  const { save, ready, runs, guest } = await scene(t)
  const broken = ready()
  save('raise RuntimeError("CRASH")\n')
  t.match(await broken, { fault: { code: 'REVISION_ROLLED_BACK', details: { lines: /RuntimeError: CRASH/ } }, note: /again$/ })
  t.equal(runs(), GOOD)
  const mended = ready()
  save('VERSION = 3\n')
  t.match((await mended).note, /^runs [0-9a-f]{7}$/)
  t.equal(runs(), 'VERSION = 3\n')
  t.equal(recall(guest.system.files, MEMORY.rejected), undefined)
})
