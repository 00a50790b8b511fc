import { execFileSync } from 'node:child_process'
import { truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { readEvidence } from '../../diagnosis/read-evidence.ts'
import { brokerOf, evidenceOf } from './seen-of.ts'

function fileOf(t: Test, content: string): string {
  return join(t.testdir({ 'evidence.json': content }), 'evidence.json')
}

t.test('what was saved is read back as it was', async (t) => {
  const evidence = evidenceOf({ broker: brokerOf(1), console: { from: 'a file', lines: ['one', 'two'] } })
  t.same(readEvidence(fileOf(t, JSON.stringify(evidence))), evidence)
})

t.test('what is unknown to the schema is dropped, what speaks to a terminal or is secret is taken out', async (t) => {
  const console = { from: 'x', lines: ['\u001b[31mred', 'password=hunter2hunter2'] }
  const read = readEvidence(fileOf(t, JSON.stringify({ ...evidenceOf({ console }), extra: { deep: 1 } })))
  t.same(read, evidenceOf({ console: { from: 'x', lines: ['red', 'password=***'] } }))
})

t.test('a file that is none is refused in one line that says why', async (t) => {
  const good = evidenceOf({ broker: brokerOf(1) })
  const table: [string, string, RegExp][] = [
    ['empty', '', /is not JSON: Unexpected end of JSON input$/],
    ['cut short', JSON.stringify(good).slice(0, -20), /is not JSON: /],
    ['binary', '\u0000\u0001', /is not JSON: /],
    ['another JSON', '[1, 2]', /is no evidence that trovestrap diagnose --save has written$/],
    ['null', 'null', /is no evidence/],
    ['of a later format', JSON.stringify({ ...good, format: 2 }), /has evidence of format 2; this Trovestrap reads format 1$/],
    ['a value of another kind', JSON.stringify({ ...good, broker: { ...good.broker, port: 'x' } }), /is damaged: broker\.port must be number$/],
    ['something left out', JSON.stringify({ ...good, broker: { ...good.broker, vhost: undefined } }), /is damaged: broker\.vhost is missing$/],
    ['an id that is none', JSON.stringify({ ...good, instance: '../../etc' }), /is damaged: instance must match pattern/],
    ['endless lines', JSON.stringify({ ...good, console: { from: 'x', lines: ['x'.repeat(2001)] } }), /is damaged: console\.lines\.0 must not have more than 2000 characters$/],
    ['nested without end', `{"format":1,"x":${'['.repeat(200_000)}${']'.repeat(200_000)}}`, /is damaged: /],
  ]
  for (const [title, content, message] of table) {
    t.throws(() => readEvidence(fileOf(t, content)), { name: 'EvidenceFileError', message }, title)
    try {
      readEvidence(fileOf(t, content))
    } catch (error) {
      t.notMatch((error as Error).message, /\n/, `${title}: one line`)
    }
  }
})

t.test('what cannot be read, has no end or never begins is refused at once', async (t) => {
  const dir = t.testdir({})
  const [large, fifo] = [join(dir, 'large'), join(dir, 'fifo')]
  writeFileSync(large, '')
  truncateSync(large, 30 * 2 ** 20)
  execFileSync('mkfifo', [fifo])
  t.throws(() => readEvidence(join(dir, 'absent')), { message: /absent cannot be read: no such file or directory$/ })
  t.throws(() => readEvidence(large), { message: /large has 30 MiB; evidence has at most 20$/ })
  for (const place of [dir, fifo, '/dev/zero']) t.throws(() => readEvidence(place), { message: /is no regular file$/ })
})

t.test('evidence that is as large as may be is read in bounded time', async (t) => {
  const lines = Array.from({ length: 2000 }, (_, at) => `${at} ${'x'.repeat(900)}`)
  const guest = {
    via: 'x', units: [], journals: Object.fromEntries(Array.from({ length: 9 }, (_, at) => [`unit-${at}`, lines])), logs: {}, config: [], config_faults: [], files: [], addresses: [], routes: [],
    paths: [], probes: [], nameservers: [], disks: [], devices: [], accounts: [],
  }
  const file = fileOf(t, JSON.stringify(evidenceOf({ guest })))
  const began = performance.now()
  t.equal(Object.keys(readEvidence(file).guest!.journals).length, 9)
  const took = performance.now() - began
  t.ok(took < 5000, `read in ${Math.round(took)} ms`)
})
