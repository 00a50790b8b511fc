import assert from 'node:assert/strict'
import fc from 'fast-check'
import { Value } from 'typebox/value'
import { consoleLine, parseConsoleLine } from '../../../contract/console-line.ts'
import { Report, STAGES, STATES } from '../../../contract/report.ts'
import { changedJson, changedTexts, texts } from './inputs.ts'
import { law, plain, type Parser } from './law.ts'

const WORDS = ['stage=', 'trovestrap[1]: ', 'state=failed', '="', '\\', '\\"', '"', '=', 'a=b', 'code=AMQP_REFUSED']
export const REPORT: Report = {
  boot: '5b2d1f3e-0000-4000-8000-0000000000aa', seq: 3, run: '0123abcd', at: '2026-11-22T12:00:00Z', uptime: 12.5, stage: 'reach-rabbitmq', state: 'failed', attempt: 6, took: 1.25, next: 30, note: '10.0.2.15 by DHCP', revision: 'a'.repeat(64),
  fault: { code: 'AMQP_REFUSED', message: 'connection refused: 10.0.2.2:5672', details: { host: '10.0.2.2', port: 5672, tls: false } },
}
/** Names that the line has words of its own for, or JavaScript. */
const NAMES = ['host', 'port', 'constructor', 'stage', 'state', 'note', 'x'.repeat(32)]
const text = texts(WORDS).map((text) => text.slice(0, 400))
const anyReport: fc.Arbitrary<Report> = fc
  .tuple(fc.constantFrom(...STAGES), fc.constantFrom(...STATES), fc.nat(), text, text, fc.dictionary(fc.constantFrom(...NAMES), fc.oneof(text, fc.double(), fc.boolean())), fc.boolean())
  .map(([stage, state, attempt, note, message, details, failed]) => ({ ...REPORT, stage, state, attempt: attempt + 1, note, fault: { code: 'AMQP_REFUSED', message, details: failed ? details : {} } }))

export const consoleLines: Parser = {
  name: 'reports and console lines',
  laws: () => ({
    'any text is a line of ours or none': law(fc.oneof(changedTexts([`[    3.1] trovestrap[412]: ${consoleLine(REPORT)}`], WORDS), texts(WORDS)), (text) => {
      const record = parseConsoleLine(text)
      if (record) for (const word of Object.values(record.words)) assert.equal(typeof word, 'string')
    }),
    'a report is one line that does nothing to a terminal, and is read back from it': law(anyReport, (report) => {
      const line = consoleLine(report)
      plain(line)
      assert.ok(!line.includes('\n'))
      const record = parseConsoleLine(`[   12.3] trovestrap[412]: ${line}\r\n`)
      assert.deepEqual([record?.stage, record?.state], [report.stage, report.state])
      const { stage, state, note, ...details } = report.fault!.details
      for (const [name, value] of Object.entries(details)) assert.equal(record?.words[name], String(value))
      assert.equal(record?.words['message'], report.fault!.message)
      if (note === undefined) assert.equal(record?.words['note'], report.note!)
    }),
    'what has the form of a report can be said, whatever is in it': law(changedJson([REPORT]), (value) => {
      if (Value.Check(Report, value)) plain(consoleLine(value))
    }),
  }),
}
