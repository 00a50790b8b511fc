import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, renameSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import t from 'tap'
import { finishReplacing, isReplacing, replaceTogether } from '../../../host-server/pki/replace-together.ts'

const OLD = { a: 'old a', b: 'old b', other: 'stays' }
const NEW = [{ name: 'a', content: 'new a' }, { name: 'b', content: 'new b', mode: 0o644 }]
const contents = (folder: string): Record<string, string> =>
  Object.fromEntries(readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isFile() ? [[entry.name, readFileSync(join(folder, entry.name), 'utf8')]] : [])))
const AFTER = { a: 'new a', b: 'new b', other: 'stays' }

t.test('several files take their places, each with its mode, and nothing is left beside them', async (t) => {
  const folder = t.testdir({ folder: OLD }) + '/folder'
  replaceTogether(folder, NEW)
  t.same(contents(folder), AFTER)
  t.same(['a', 'b'].map((name) => statSync(join(folder, name)).mode & 0o777), [0o600, 0o644])
  t.equal(finishReplacing(folder), false)
})

t.test('interrupted before all were made, the old ones stay; the next time begins anew', async (t) => {
  const folder = t.testdir({ folder: { ...OLD, 'replacing.tmp': { a: 'half' } } }) + '/folder'
  t.equal(isReplacing(folder), false)
  t.equal(finishReplacing(folder), false)
  t.match(contents(join(folder, 'replacing.tmp')), { a: 'half' })
  replaceTogether(folder, NEW)
  t.same(contents(folder), AFTER)
})

for (const moved of [[], ['a'], ['b'], ['a', 'b']]) {
  t.test(`interrupted when ${moved.join(' and ') || 'none'} had been put in place, the next call puts the rest there`, async (t) => {
    const folder = t.testdir({ folder: { ...OLD, replacing: { a: 'new a', b: 'new b' } } }) + '/folder'
    for (const name of moved) renameSync(join(folder, 'replacing', name), join(folder, name))
    t.equal(isReplacing(folder), true)
    t.equal(finishReplacing(folder), true)
    t.same(contents(folder), AFTER)
  })
}

t.test('a replacement on top of one that was interrupted: the last word counts', async (t) => {
  const folder = t.testdir({ folder: { ...OLD, replacing: { a: 'between' } } }) + '/folder'
  replaceTogether(folder, NEW)
  t.same(contents(folder), AFTER)
})

t.test('killed at any moment, all are of one time after the next call', async (t) => {
  const folder = t.testdir({})
  replaceTogether(folder, [{ name: 'a', content: '0' }, { name: 'b', content: '0' }])
  for (let round = 0; round < 12; round++) {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'replace-until-killed.ts'), folder], { stdio: ['ignore', 'pipe', 'inherit'] })
    let lines = 0
    for await (const _ of createInterface(child.stdout)) if (++lines === 5 + round) setTimeout(() => child.kill('SIGKILL'), 1 + (round % 4))
    if (child.signalCode === null && child.exitCode === null) await once(child, 'exit')
    t.equal(child.signalCode, 'SIGKILL')
    finishReplacing(folder)
    const { a, b } = contents(folder)
    t.equal(a, b, `round ${round}`)
  }
})
