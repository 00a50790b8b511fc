import t, { type Test } from 'tap'
import { GUEST, UNITS } from '../../contract/paths.ts'
import { Fault } from '../../contract/fault.ts'
import { decisiveLine } from '../../guest-bootstrap/agent/last-words.ts'
import { DROP_IN, ENVIRONMENT } from '../../guest-bootstrap/agent/unit-files.ts'
import { MEMORY, recall, remember } from '../../guest-bootstrap/memory.ts'
import { confirm } from '../../guest-bootstrap/stages/confirm.ts'
import { reachRabbitmq } from '../../guest-bootstrap/stages/reach-rabbitmq.ts'
import { startAgent } from '../../guest-bootstrap/stages/start-agent.ts'
import { treeOf } from '../../contract/source-tree.ts'
import { keepManifest } from '../../guest-bootstrap/tree/current.ts'
import type { AmqpSession, Finished } from '../../guest-bootstrap/system.ts'
import { INSTANCE, machine, type Machine } from './machine.ts'
import { signedTree } from './signed-tree.ts'
import { wellBroker } from './well-broker.ts'

const state = (more: Record<string, unknown> = {}): string =>
  Object.entries({ ActiveState: 'active', SubState: 'running', NRestarts: 0, ExecMainStatus: 0, ExecMainCode: 0, Result: 'success', ...more })
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')

interface World {
  states?: string[]
  journal?: string
  systemctl?: (args: readonly string[]) => Partial<Finished>
  consumers?: (number | undefined | Fault)[]
}

function guest(t: Test, tree: Record<string, string>, world: World = {}): Machine & { revision: string } {
  const { states = [], consumers = [] } = world
  const session: AmqpSession = {
    ...wellBroker(),
    async consumers() {
      const next = consumers.length > 1 ? consumers.shift() : consumers[0]
      if (next instanceof Fault) throw next
      return next
    },
  }
  const it = machine(t, {
    changed: { amqp: async () => session },
    programs: (program, args) => {
      if (program === 'journalctl') return { stdout: world.journal ?? '' }
      if (args[0] === 'show') return { stdout: (states.length > 1 ? states.shift() : states[0]) ?? state() }
      return world.systemctl?.(args) ?? {}
    },
  })
  const { manifest } = signedTree(tree)
  keepManifest(it.system.files, { etag: '', manifest })
  it.system.files.point(GUEST.currentSource, manifest.revision)
  for (const [path, text] of Object.entries(tree)) it.put(`${treeOf(manifest.revision)}/${path}`, text)
  remember(it.system.files, MEMORY.installed, { digest: '', python: '/var/lib/trove/venv/bin/python', found: [] })
  remember(it.system.files, MEMORY.identity, { instance: INSTANCE, urls: [], source: '' })
  remember(it.system.files, MEMORY.reached, { digest: 'x' })
  it.put(GUEST.servedConfig, '[DEFAULT]\ntransport_url = rabbit://trove:s3cret-pass@h/trove\ninstance_rpc_encr_key = k3y-of-32-characters\n')
  return Object.assign(it, { revision: manifest.revision })
}

const CHECKOUT = { 'contrib/trove-guestagent': '#!/usr/bin/env python3\n', 'trove/__init__.py': '' }
const PACKAGE = { 'trove/cmd/guest.py': '', 'trove/__init__.py': '' }

t.test('a checkout starts by its own starter, as the user of guest.json', async (t) => {
  const it = guest(t, CHECKOUT)
  t.equal(await startAgent.done(it.system), false)
  t.equal(await startAgent.run(it.system), `${UNITS.agent} as trove from ${it.revision.slice(0, 7)} with /var/lib/trove/venv/bin/python`)
  t.match(it.get(DROP_IN), `\nUser=trove\nExecStart=\nExecStart=/var/lib/trove/venv/bin/python ${GUEST.source}/${it.revision}/contrib/trove-guestagent --config-dir=/etc/trove/conf.d\n`)
  t.equal(it.get(ENVIRONMENT), `PYTHONPATH=${GUEST.source}/${it.revision}\nPYTHONUNBUFFERED=1\nPBR_VERSION=18.0.0\n`)
  t.same(it.ran.map(({ line }) => line), ['systemctl daemon-reload', `systemctl reset-failed ${UNITS.agent}`, `systemctl restart ${UNITS.agent}`])
  t.match(it.system.files.stat(`${GUEST.source}/${it.revision}/trove/__pycache__`), { kind: 'folder', mode: 0o755, uid: process.getuid!() })
  t.equal(await startAgent.done(it.system), true)
})

t.test("while RabbitMQ is away, the agent's imports are tried once, as the agent's user", async (t) => {
  const it = guest(t, CHECKOUT)
  it.put('/etc/trove/conf.d/guest_info.conf', '[DEFAULT]\ndatastore_manager = postgresql\n')
  const { signal } = new AbortController()
  await reachRabbitmq.meanwhile!(it.system, signal)
  await reachRabbitmq.meanwhile!(it.system, signal)
  t.same(it.ran.map(({ line }) => line), [
    'systemctl daemon-reload',
    `setpriv --reuid=${process.getuid!()} --regid=${process.getgid!()} --init-groups -- /var/lib/trove/venv/bin/python -c import trove.cmd.guest, importlib\nimportlib.import_module('trove.guestagent.datastore.postgres.manager')\nimport docker; docker.from_env().version()`,
  ])
  t.equal(it.ran[1]!.options?.signal, signal)
  t.match(it.ran[1]!.options?.env, { PYTHONPATH: `${GUEST.source}/${it.revision}`, PBR_VERSION: '18.0.0' })
  it.ran.length = 0
  await startAgent.run(it.system)
  t.same(it.ran.map(({ line }) => line), [`systemctl reset-failed ${UNITS.agent}`, `systemctl restart ${UNITS.agent}`], 'systemd knows the unit by then')
})

t.test('the tree of the binary package, without contrib, starts by its main function', async (t) => {
  const it = guest(t, PACKAGE)
  await startAgent.run(it.system)
  t.match(it.get(DROP_IN), `ExecStart=/var/lib/trove/venv/bin/python -c "import sys; sys.path.insert(0, '${GUEST.source}/${it.revision}'); from trove.cmd.guest import main; sys.exit(main())" --config-dir=/etc/trove/conf.d\n`)
})

const changes: [string, (it: Machine) => void][] = [
  ['the configuration has changed', (it) => it.put('/etc/trove/conf.d/x.conf', '[DEFAULT]\n')],
  ['the interpreter has changed', (it) => remember(it.system.files, MEMORY.installed, { digest: 'y', python: '/usr/bin/python3', found: [] })],
  ['the guest was booted again', (it) => it.system.files.remove('/run')],
]
for (const [title, change] of changes) {
  t.test(`it is started again when ${title}`, async (t) => {
    const it = guest(t, CHECKOUT)
    await startAgent.run(it.system)
    t.equal(await startAgent.done(it.system), true)
    change(it)
    t.equal(await startAgent.done(it.system), false)
  })
}

t.test('it is started again when systemd has given it up', async (t) => {
  const it = guest(t, CHECKOUT, { states: [state({ ActiveState: 'failed', SubState: 'failed' })] })
  await startAgent.run(it.system)
  t.equal(await startAgent.done(it.system), false)
})

t.test('a unit that does not start: AGENT_START_FAILED', async (t) => {
  const systemctl = (args: readonly string[]) => (args[0] === 'restart' ? { code: 1, stderr: 'Job for trovestrap-agent.service failed.\n' } : {})
  const it = guest(t, CHECKOUT, { systemctl, states: [state({ Result: 'exit-code', ExecMainStatus: 217 })], journal: 'Failed at step USER\n' })
  await t.rejects(startAgent.run(it.system), { code: 'AGENT_START_FAILED', details: { result: 'exit-code', status: 217, last: 'Failed at step USER' }, message: /Job for trovestrap-agent/ })
  t.equal(recall(it.system.files, MEMORY.started), undefined)
})

t.test('the consumer is waited for, and that is the confirmation', async (t) => {
  const it = guest(t, CHECKOUT, { consumers: [undefined, 0, 0, 1] })
  t.equal(await confirm.run(it.system), `guestagent.${INSTANCE} has its consumer`)
  t.same(it.clock.slept, [1, 1, 1])
})

const TRACEBACK = `2026-11-22 12:00:00.1 99 INFO trove [-] starting
Traceback (most recent call last):
  File "x.py", line 1
amqp.exceptions.AccessRefused: (0, 0): (403) ACCESS_REFUSED - Login was refused for s3cret-pass
2026-11-22 12:00:01.1 99 INFO oslo_service [-] bye k3y-of-32-characters
`

t.test('an agent that ends, even with 0, is told with the line that says why, without secrets', async (t) => {
  for (const second of [state({ NRestarts: 1 }), state({ ActiveState: 'activating', SubState: 'auto-restart' })]) {
    const it = guest(t, CHECKOUT, { states: [state(), state(), second], journal: TRACEBACK, consumers: [0] })
    await t.rejects(confirm.run(it.system), {
      code: 'AGENT_EXITED',
      details: { unit: UNITS.agent, status: 0, last: 'amqp.exceptions.AccessRefused: (0, 0): (403) ACCESS_REFUSED - Login was refused for ***' },
    })
  }
})

t.test('an agent that was heard is remembered as heard: from then on its unit tells how it ends', async (t) => {
  const it = guest(t, CHECKOUT, { consumers: [1], states: [state({ NRestarts: 3 })] })
  await confirm.run(it.system)
  t.same(recall(it.system.files, MEMORY.heard), { restarts: 3 })
})

t.test('an agent that was killed for its memory is told as that', async (t) => {
  const it = guest(t, CHECKOUT, { states: [state(), state(), state({ ActiveState: 'activating', SubState: 'auto-restart', Result: 'oom-kill', ExecMainCode: 2, ExecMainStatus: 9 })], consumers: [0] })
  await t.rejects(confirm.run(it.system), { code: 'AGENT_EXITED', details: { result: 'oom-kill', last: /out of memory/ }, message: /ended by signal 9/ })
})

t.test('an agent that never speaks: AGENT_NOT_HEARD after three minutes', async (t) => {
  const it = guest(t, CHECKOUT, { consumers: [0], journal: 'INFO waiting\n' })
  await t.rejects(confirm.run(it.system), { code: 'AGENT_NOT_HEARD', details: { queue: `guestagent.${INSTANCE}`, waited_seconds: 180 } })
})

t.test('a broker that goes away meanwhile sends the guest back to reach-rabbitmq', async (t) => {
  const it = guest(t, CHECKOUT, { consumers: [0, new Fault('AMQP_FAILED')] })
  await t.rejects(confirm.run(it.system), { code: 'AMQP_FAILED' })
  t.equal(recall(it.system.files, MEMORY.reached), undefined)
})

const lines: [string, string, string][] = [
  ['the last exception', TRACEBACK, 'amqp.exceptions.AccessRefused: (0, 0): (403) ACCESS_REFUSED - Login was refused for s3cret-pass'],
  ['else the last error, without its date', '2026-11-22 12:00:00.1 99 CRITICAL root [-] Unhandled\nplain\n', 'Unhandled'],
  ['an exception in oslo.log\'s form and colours', '\u001b[00m2026-11-22 12:00:00.1 99 CRITICAL root [-] Unhandled error: x\u001b[00m\n2026-11-22 12:00:00.1 99 ERROR root Traceback (most recent call last):\u001b[00m\n2026-11-22 12:00:00.1 99 ERROR root docker.errors.DockerException: no engine\u001b[00m\n2026-11-22 12:00:00.1 99 ERROR root \u001b[00m\n', 'docker.errors.DockerException: no engine'],
  ['else the last line', 'one\ntwo\n\n', 'two'],
  ['nothing', '', ''],
  ...[
    'RuntimeError: Manager class not registered for datastore manager X',
    "trove.common.exception.GuestError: Device '/dev/vdb' is not ready.",
    "ModuleNotFoundError: No module named 'eventlet'",
    "FileNotFoundError: [Errno 2] No such file or directory: '/var/log/nosuch/trove-guestagent.log'",
    'oslo_config.cfg.ConfigFileParseError: Failed to parse /etc/trove/conf.d/x.conf: at x.conf:1, Section must be started before assignment: \'a = b\'',
    'trove.common.exception.UnprocessableEntity: Failed to add user database, error: useradd: UID 1001 is not unique',
    'sudo: a password is required',
    "docker.errors.DockerException: Error while fetching server API version: ('Connection aborted.', FileNotFoundError(2, 'No such file or directory'))",
    'amqp.exceptions.AccessRefused: (0, 0): (403) ACCESS_REFUSED - Login was refused using authentication mechanism AMQPLAIN',
  ].map((line): [string, string, string] => [
    line.slice(0, 40),
    `Started trovestrap-agent.service - Trove guest agent.\n2026-11-22 12:00:00.1 99 INFO oslo_service.service [-] Starting 1 workers\nTraceback (most recent call last):\n  File "x.py", line 1, in main\n${line}\nDuring handling of the above exception, another exception occurred:\n\nTraceback (most recent call last):\n  File "y.py", line 1\nSystemExit: 1\ntrovestrap-agent.service: Main process exited, code=exited, status=1/FAILURE\ntrovestrap-agent.service: Failed with result 'exit-code'.\ntrovestrap-agent.service: Consumed 21.501s CPU time.\n`,
    line,
  ]),
  ['what the program said that an exception tells of', "oslo_concurrency.processutils.ProcessExecutionError: Unexpected error while running command.\nCommand: sudo useradd database\nExit code: 4\nStdout: ''\nStderr: 'useradd: UID 1001 is not unique\\n'\n", "oslo_concurrency.processutils.ProcessExecutionError: Unexpected error while running command. Stderr: 'useradd: UID 1001 is not unique\\n'"],
  [
    'not an exception that was dealt with long before',
    `ProcessExecutionError: Unexpected error while running command.\nStderr: 'dumpe2fs: Bad magic number'\n${'2026-11-22 12:00:00.1 99 INFO trove [-] going on\n'.repeat(6)}trove : PWD=/var/lib/trove ; USER=root ; COMMAND=/bin/mkdir -p /etc/mysql\n`,
    'going on',
  ],
  ['a mere SystemExit where there is nothing else', 'one\nSystemExit: 1\ntwo\n', 'SystemExit: 1'],
  ["systemd's own lines only where there are no others", 'working\ntrovestrap-agent.service: Main process exited, code=killed, status=9/KILL\n', 'working'],
  ['what systemd says of a program that it could not start', "trovestrap-agent.service: Failed at step EXEC spawning /x: No such file or directory\ntrovestrap-agent.service: Main process exited, code=exited, status=203/EXEC\n", 'trovestrap-agent.service: Failed at step EXEC spawning /x: No such file or directory'],
  ['no URL with a password', 'ValueError: rabbit://trove:hidden@h/x\n', 'ValueError: rabbit://***@h/x'],
  ['no value of a password option', 'KeyError: password = hidden\n', 'KeyError: password = ***'],
]
for (const [title, text, expected] of lines) {
  t.test(`of a journal: ${title}`, async (t) => t.equal(decisiveLine(text), expected))
}
