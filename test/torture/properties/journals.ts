import assert from 'node:assert/strict'
import fc from 'fast-check'
import { decisiveLine, lastLine, lastLines } from '../../../guest-bootstrap/agent/last-words.ts'
import { howItEnded } from '../../../guest-bootstrap/agent/how-it-ended.ts'
import type { UnitState } from '../../../guest-bootstrap/agent/unit-state.ts'
import type { System } from '../../../guest-bootstrap/system.ts'
import { instantOfLine } from '../../../diagnosis/instant.ts'
import { journalsOf } from '../../../diagnosis/collect/guest/journals.ts'
import { changedJsonText, changedTexts, texts } from './inputs.ts'
import { law, type Parser } from './law.ts'

const AGENT = [
  'Starting trovestrap-agent.service - Trove guest agent...\nTraceback (most recent call last):\n  File "x.py", line 1\noslo_messaging.exceptions.MessageDeliveryFailure: no\nStderr: permission denied\n',
  '2026-11-22 12:00:00.123 412 ERROR trove.guestagent [None req-1] it failed\nsudo: a password is required\ntrovestrap-agent.service: Main process exited, code=exited, status=1/FAILURE\ntrovestrap-agent.service: Failed with result \'oom-kill\'.\n',
]
const WORDS = ['\n', 'Error: ', 'Traceback', 'trove.x.Y: ', 'a.b.c.', '2026-11-22 12:00:00.1 ', ' ERROR trove ', 'sudo: unable to', 'Stderr: ', '.service: Main process exited, code=', '\u001b[31m', ' ; ', 'PWD=/', 'X=y ; ', ' : ', 'trove']
const ENTRY = { MESSAGE: 'Started it.\nand more', __REALTIME_TIMESTAMP: '1795602657318500', SYSLOG_IDENTIFIER: 'node', _PID: '7', _SYSTEMD_UNIT: 'trovestrap-guest.service', UNIT: 'x.service' }
const anyJournal = fc.oneof(changedTexts(AGENT, WORDS), texts(WORDS))
const STATE = { status: 1, code: 'exited', result: 'exit-code', sub: 'failed', restarts: 1 } as unknown as UnitState

export const journals: Parser = {
  name: 'journals and logs',
  laws: () => ({
    "of any journal the agent's last words are so long at most, and without what is secret": law(fc.tuple(anyJournal, anyJournal), ([before, after]) => {
      const text = `${before}c4n4ryS3cret${after}`
      for (const words of [decisiveLine(text, ['c4n4ryS3cret']), lastLine(text, ['c4n4ryS3cret'])]) assert.ok(words.length <= 500 && !words.includes('c4n4ry'), words)
      const lines = lastLines(text, ['c4n4ryS3cret'])
      assert.ok(lines.length <= 1000 && !lines.includes('c4n4ry'))
    }),
    'how an agent ended can be told, whatever it said': law(anyJournal, async (text) => {
      const system = { run: async () => ({ code: 0, stdout: text, stderr: '' }), files: { list: () => [], text: () => undefined } } as unknown as System
      for (const sub of ['failed', 'auto-restart']) {
        const { words, last } = await howItEnded(system, { ...STATE, sub })
        assert.ok(words.length <= 1200 && last.length <= 500)
      }
    }),
    'any output of journalctl is lines of units': law(fc.array(fc.oneof(changedJsonText([ENTRY]), texts()), { maxLength: 5 }), (lines) => {
      for (const [unit, said] of Object.entries(journalsOf(lines.join('\n'), undefined))) {
        assert.match(unit, /^[\w@:.-]+$/)
        assert.ok(said.length <= 80 && said.every((line) => line.length <= 1900))
      }
    }),
    'any line of a log has a time or none': law(fc.oneof(changedTexts(['2026-11-22T12:00:00.5+01:00 x', '2026-01-01 12:00:00,1 y'], ['-', ':', '9', 'Z']), texts()), (line) => {
      const at = instantOfLine(line)
      assert.ok(at === undefined || Number.isFinite(at))
    }),
  }),
}
