import { readFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import type { LogLine } from '../../../instances/reach/log-line.ts'
import { agentLogReader, journalLines, offsetOf } from '../../../instances/reach/log-line.ts'
import { isUnit, readLogs } from '../../../instances/reach/logs.ts'
import { reach } from '../../../instances/reach/reach.ts'
import { until } from '../../../lab/until.ts'
import { realSshd } from './real-sshd.ts'

const entry = (seconds: number, unit: string, message: unknown): string => JSON.stringify({ __REALTIME_TIMESTAMP: String(seconds * 1_000_000), _SYSTEMD_UNIT: unit, MESSAGE: message })
const DAY = Date.UTC(2026, 0, 1) / 1000

const JOURNAL = [
  entry(DAY + 1, 'cloud-init.service', 'first'),
  entry(DAY + 3, 'trovestrap-guest.service', 'third'),
  'not JSON',
  JSON.stringify({ __REALTIME_TIMESTAMP: String((DAY + 5) * 1_000_000), _SYSTEMD_UNIT: 'init.scope', UNIT: 'trovestrap-agent.service', MESSAGE: 'fifth\nand its second line' }),
].join('\n')
const AGENT_LOG = '2026-01-01 02:00:02.000 7 INFO second\n2026-01-01 02:00:04.000 7 ERROR fourth\nTraceback\n'

/** A guest's programs, as they print; `ARGS` shows how they were called. */
const PROGRAMS = {
  sudo: '#!/bin/sh\n[ "$2" = true ] && exit 0\nshift\nexec "$@"\n',
  journalctl: `#!/bin/sh\necho "ARGS $*" >&2\ncat <<'END'\n${JOURNAL}\nEND\ncase "$*" in *" -f "*) exec sleep 60;; esac\n`,
  tail: `#!/bin/sh\nprintf '%s' '${AGENT_LOG}'\ncase "$*" in *" -F "*) exec sleep 60;; esac\n`,
  date: '#!/bin/sh\necho +0200\n',
}

async function guest(t: Test, programs: Record<string, string> = PROGRAMS) {
  const sshd = await realSshd(t, { programs })
  const { session } = await reach([{ host: '127.0.0.1', port: sshd.port, user: sshd.user, privateKey: readFileSync(sshd.key, 'utf8'), hostKeys: sshd.hostKeys }], AbortSignal.timeout(20_000))
  t.teardown(() => session[Symbol.asyncDispose]())
  return session
}

t.test('journal and agent log come in the order of their time, in the zone of the guest', async (t) => {
  const session = await guest(t)
  const lines: LogLine[] = []
  const { said } = await readLogs(session, { lines: 100, follow: false }, (line) => lines.push(line), AbortSignal.timeout(20_000))
  t.same(
    lines.map(({ at, source, message }) => `${at / 1000 - DAY} ${source} ${message}`),
    ['1 cloud-init first', '2 trove 2026-01-01 02:00:02.000 7 INFO second', '3 guest third', '4 trove 2026-01-01 02:00:04.000 7 ERROR fourth', '4 trove Traceback', '5 agent fifth', '5 agent and its second line'],
  )
  t.match(said, /^ARGS --no-pager --quiet -o json --output-fields=\S+ -n 100 -u trovestrap-guest\.service -u trovestrap-agent\.service .* -u cloud-final\.service\n$/)
  const few: LogLine[] = []
  await readLogs(session, { lines: 2, follow: false }, (line) => few.push(line), AbortSignal.timeout(20_000))
  t.same(few.map(({ message }) => message), ['fifth', 'and its second line'])
})

t.test('of a unit that is named nothing else is read', async (t) => {
  const session = await guest(t)
  const lines: LogLine[] = []
  const { said } = await readLogs(session, { lines: 5, units: ['docker.service'], follow: false }, (line) => lines.push(line), AbortSignal.timeout(20_000))
  t.match(said, /-n 5 -u docker\.service\n$/)
  t.notOk(lines.some(({ source }) => source === 'trove'))
})

t.test('logs that are followed go on until they are left', async (t) => {
  const session = await guest(t)
  const leave = new AbortController()
  const lines: LogLine[] = []
  const read = readLogs(session, { lines: 100, follow: true }, (line) => lines.push(line), leave.signal)
  await until('all lines', async () => (lines.length === 7 ? true : undefined), { timeoutMs: 20_000, everyMs: 20 })
  t.same(lines.map(({ message }) => message.split(' ').at(-1)), ['first', 'second', 'third', 'fourth', 'Traceback', 'fifth', 'line'])
  leave.abort()
  await read
})

t.test('a connection that is lost has neither code nor signal', async (t) => {
  const session = await guest(t, { ...PROGRAMS, sudo: '#!/bin/sh\nexit 1\n', journalctl: '#!/bin/sh\nkill -9 $PPID\n' })
  t.same((await readLogs(session, { lines: 1, follow: true }, () => {}, AbortSignal.timeout(20_000))).end, {})
})

t.test('without sudo the same is asked for without it; a guest without journalctl says so', async (t) => {
  const refused = await guest(t, { ...PROGRAMS, sudo: '#!/bin/sh\necho no >&2\nexit 1\n' })
  const lines: LogLine[] = []
  await readLogs(refused, { lines: 100, follow: false }, (line) => lines.push(line), AbortSignal.timeout(20_000))
  t.equal(lines.length, 7)
  const bare = await guest(t, { sudo: PROGRAMS.sudo, journalctl: '#!/bin/sh\necho "No journal files were found." >&2\n', tail: '#!/bin/sh\necho gone >&2\nexit 1\n' })
  t.match(await readLogs(bare, { lines: 100, follow: false }, () => t.fail('nothing'), AbortSignal.timeout(20_000)), { said: 'No journal files were found.\n' })
})

t.test('what a hostile guest prints is a line or nothing', async (t) => {
  for (const text of ['', '{}', '[]', 'null', '{"__REALTIME_TIMESTAMP":"x"}', '{"__REALTIME_TIMESTAMP":"1","MESSAGE":{"a":1}}']) t.ok(journalLines(text).every(({ message }) => message === ''), text)
  t.same(journalLines(entry(1, 'x.service', [104, 105, 255]))[0]?.message, 'hi\ufffd')
  t.equal(journalLines(entry(1, 'x.service', 'y'.repeat(100_000)))[0]?.message.length, 4000)
  const read = agentLogReader(0)
  t.match([read('no time'), read('2026-01-01 00:00:00.000 x'), read('9999-99-99 99:99:99.999 y')], [{ at: 0 }, { at: DAY * 1000 }, { at: DAY * 1000 }])
  t.same(['+0200', '-0130', 'x', ''].map(offsetOf), [7_200_000, -5_400_000, 0, 0])
})

t.test('names of units have nothing in them that a shell reads', async (t) => {
  for (const name of ['docker', 'trovestrap-agent.service', 'a@b.service', 'x:y']) t.ok(isUnit(name), name)
  for (const name of ['', '-x', 'a b', 'a;b', '$(id)', '`id`', "a'b", 'a\nb', 'a*', '../x', 'a|b', 'a\\x2d']) t.notOk(isUnit(name), name)
})
