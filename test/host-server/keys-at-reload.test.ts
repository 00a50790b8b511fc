// What init makes anew, taken by a host that runs, as a guest of before meets it: the guest's own stages over real TLS.
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import type { FastifyBaseLogger } from 'fastify'
import { pino } from 'pino'
import t, { type Test } from 'tap'
import { GUEST } from '../../contract/paths.ts'
import { ROUTES } from '../../contract/routes.ts'
import { Secret } from '../../contract/secret.ts'
import { closeConnections, realHttp } from '../../guest-bootstrap/machine/real-http.ts'
import { MEMORY, recall, remember } from '../../guest-bootstrap/memory.ts'
import { enrol } from '../../guest-bootstrap/stages/enrol.ts'
import { fetch } from '../../guest-bootstrap/stages/fetch.ts'
import type { HttpAnswer } from '../../guest-bootstrap/system.ts'
import { initialise } from '../../host-server/pki/initialise.ts'
import { serve, type Serving } from '../../host-server/serve.ts'
import type { Settings } from '../../host-server/settings.ts'
import { stateFolder, type StateFolder } from '../../host-server/state-folder.ts'
import { openStore } from '../../host-server/store/open-store.ts'
import { INSTANCE, machine, type Machine } from '../guest-bootstrap/machine.ts'
import { settingsOf } from './settings-of.ts'

const AGENT_CONF = '[DEFAULT]\ntransport_url = rabbit://trove:secret@10.0.2.2:5672/\ncontrol_exchange = trove\n'

interface Ground {
  readonly folder: string
  readonly settings: Settings
  readonly state: StateFolder
  readonly token: Secret
  readonly log: () => string
  /** Serves until the test ends or it is closed. */
  start(): Promise<Serving>
}

async function ground(t: Test): Promise<Ground> {
  const folder = t.testdir({
    tree: { trove: { '__init__.py': '' }, 'setup.cfg': '[metadata]\nname = trove\nversion = 18.0.0\n', 'requirements.txt': '' },
    'agent.conf': AGENT_CONF,
    'trove.conf': AGENT_CONF,
  })
  const base = settingsOf(folder)
  const settings = { ...base, source: { ...base.source, version: '18.0.0' } }
  const { token } = await initialise(settings)
  const state = stateFolder(settings.state)
  const store = openStore(state.database)
  store.approvals.open(3600, new Date())
  store.close()
  let log = ''
  const sink = new Writable({ write: (chunk: Buffer, _encoding, done) => ((log += chunk.toString()), done()) })
  return {
    ...{ folder, settings, state, token: token!, log: () => log },
    async start() {
      const serving = await serve(settings, pino({ level: 'trace' }, sink) as unknown as FastifyBaseLogger)
      t.teardown(() => (closeConnections(), serving.close()))
      return serving
    },
  }
}

/** A guest that was let in and has the tree. */
async function guestOf(t: Test, on: Ground, serving: Serving): Promise<Machine> {
  const it = machine(t, { ca: readFileSync(on.state.ca, 'utf8') })
  it.put(GUEST.config, JSON.stringify({ format: 1, urls: [urlOf(serving)], token: on.token.reveal(), agent: { user: 'trove' } }), 0o600)
  remember(it.system.files, MEMORY.identity, { instance: INSTANCE, urls: [], source: '' })
  finds(it, serving)
  await enrol.run(it.system)
  await fetch.run(it.system)
  return it
}

const urlOf = ({ address }: Serving): string => `https://127.0.0.1:${address.port}`
const finds = ({ system }: Machine, serving: Serving): void => remember(system.files, MEMORY.host, { url: urlOf(serving), uptime: 0 })
const accepted = ({ system }: Machine) => recall(system.files, MEMORY.accepted)!
const revision = (it: Machine): string => it.system.files.link(GUEST.currentSource)!

async function askAs(on: Ground, serving: Serving, bearer: Secret | undefined, path: string): Promise<HttpAnswer & { text: string }> {
  const answer = await realHttp({ url: urlOf(serving) + path, ca: readFileSync(on.state.ca, 'utf8'), timeout: 10_000, ...(bearer ? { bearer } : {}) })
  let text = ''
  for await (const chunk of answer.body) text += chunk.toString()
  return { ...answer, text }
}

const health = async (on: Ground, serving: Serving): Promise<unknown> => JSON.parse((await askAs(on, serving, undefined, ROUTES.health)).text)
const operator = (on: Ground): Secret => new Secret(readFileSync(on.state.operatorToken, 'utf8').trim())

t.test('a reload and a restart change nothing for a guest that has the tree: it is told 304', async (t) => {
  const on = await ground(t)
  const first = await on.start()
  const it = await guestOf(t, on, first)
  const before = accepted(it)
  await first.reload(() => on.settings)
  t.equal(await fetch.done(it.system), true)
  await first.close()
  const second = await on.start()
  finds(it, second)
  t.equal(await fetch.done(it.system), true)
  await fetch.run(it.system)
  t.same(accepted(it), before)
})

t.test('each change of the tree has a larger serial, also the way back to what was served before', async (t) => {
  const on = await ground(t)
  const serving = await on.start()
  const it = await guestOf(t, on, serving)
  const file = join(on.folder, 'tree/trove/new.py')
  const seen = [{ ...accepted(it), revision: revision(it) }]
  for (const change of [() => writeFileSync(file, 'x = 1\n'), () => rmSync(file)]) {
    change()
    await serving.reload(() => on.settings)
    t.equal(await fetch.done(it.system), false)
    await fetch.run(it.system)
    seen.push({ ...accepted(it), revision: revision(it) })
  }
  t.ok(seen[0]!.serial < seen[1]!.serial && seen[1]!.serial < seen[2]!.serial, seen.map(({ serial }) => serial).join(' < '))
  t.equal(seen[2]!.revision, seen[0]!.revision)
})

t.test('a new signing key counts from the reload on: guests of before learn it by themselves', async (t) => {
  const on = await ground(t)
  const serving = await on.start()
  const it = await guestOf(t, on, serving)
  const old = accepted(it)
  await initialise(on.settings, { newSigningKey: true })
  t.equal(await fetch.done(it.system), true, 'until the reload all is as it was')
  await serving.reload(() => on.settings)
  t.equal(await fetch.done(it.system), false)
  await fetch.run(it.system)
  t.not(accepted(it).key, old.key)
  t.ok(accepted(it).serial > old.serial)
  t.same(recall(it.system.files, MEMORY.enrolment)?.granted?.signing_keys.map(({ id }) => id), [accepted(it).key], 'the old key is gone')
  t.equal(await fetch.done(it.system), true)
})

t.test('a new key signs the tree of before where the tree cannot be read just then', async (t) => {
  const on = await ground(t)
  const serving = await on.start()
  const it = await guestOf(t, on, serving)
  const { key } = accepted(it)
  await initialise(on.settings, { newSigningKey: true })
  renameSync(join(on.folder, 'tree'), join(on.folder, 'elsewhere'))
  await serving.reload(() => on.settings)
  t.match(await health(on, serving), { status: 'stale', stale: ['source'], revision: revision(it) })
  await fetch.run(it.system)
  t.not(accepted(it).key, key)
})

t.test('a new operator token counts from the reload on, and the old one opens nothing then', async (t) => {
  const on = await ground(t)
  const serving = await on.start()
  const old = operator(on)
  await initialise(on.settings, { newOperatorToken: true })
  const status = async (token: Secret): Promise<number> => (await askAs(on, serving, token, ROUTES.instances)).status
  t.same([await status(old), await status(operator(on))], [200, 401])
  await serving.reload(() => on.settings)
  t.same([await status(old), await status(operator(on))], [401, 200])
})

t.test('a new CA is taken with its certificate; a guest of before trusts the host again once it has the new CA, with the credential it had', async (t) => {
  const on = await ground(t)
  const serving = await on.start()
  const it = await guestOf(t, on, serving)
  await initialise(on.settings, { newCa: true })
  await serving.reload(() => on.settings)
  closeConnections()
  await t.rejects(fetch.run(it.system), { code: 'HOST_UNTRUSTED' })
  finds(it, serving)
  it.put(GUEST.ca, readFileSync(on.state.ca, 'utf8'))
  t.equal(await fetch.done(it.system), true)
})

t.test('keys that are damaged leave those in use where they are, and log and health say so', async (t) => {
  const on = await ground(t)
  const serving = await on.start()
  const it = await guestOf(t, on, serving)
  for (const [path, mend] of [[on.state.signingKey, '--new-signing-key'], [on.state.operatorToken, '--new-operator-token']] as const) {
    const good = readFileSync(path)
    writeFileSync(path, 'garbage')
    await serving.reload(() => on.settings)
    t.match(await health(on, serving), { status: 'stale', stale: ['keys'] })
    t.match(on.log(), new RegExp(`kept certificate and keys in use: .*; type: trovestrap init ${mend}`))
    t.equal(await fetch.done(it.system), true)
    writeFileSync(path, good)
    await serving.reload(() => on.settings)
    t.match(await health(on, serving), { status: 'ok' })
  }
})

t.test('a serial that cannot be kept is handed to nobody: what was handed out before still is', async (t) => {
  const on = await ground(t)
  const serving = await on.start()
  const it = await guestOf(t, on, serving)
  const before = revision(it)
  rmSync(on.state.serial)
  mkdirSync(on.state.serial)
  writeFileSync(join(on.folder, 'tree/trove/new.py'), 'x = 1\n')
  await serving.reload(() => on.settings)
  t.match(await health(on, serving), { status: 'stale', stale: ['source'], revision: before })
  t.equal(await fetch.done(it.system), true)
  rmSync(on.state.serial, { recursive: true })
  await serving.reload(() => on.settings)
  t.equal(await fetch.done(it.system), false)
  await fetch.run(it.system)
  t.not(revision(it), before)
})
