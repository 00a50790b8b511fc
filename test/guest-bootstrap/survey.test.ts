// With a real Python: what it finds is what pip would find.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { realRun } from '../../guest-bootstrap/machine/real-run.ts'
import { survey } from '../../guest-bootstrap/python/survey.ts'
import { machine } from './machine.ts'

const python = '/usr/bin/python3'
const folder = mkdtempSync(join(tmpdir(), 'survey-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))

async function ask(t: Parameters<typeof machine>[0], requires: string, requirements: string, constraints = '') {
  const { system } = machine(t)
  const files = { requirements: join(folder, 'r.txt'), constraints: join(folder, 'c.txt') }
  writeFileSync(files.requirements, requirements)
  writeFileSync(files.constraints, constraints)
  return survey({ ...system, run: realRun }, python, requires, files)
}

t.test('python_requires, markers, comments and what is not there', async (t) => {
  const lines = '# a comment\nno-such-distribution>=1 # Apache-2.0\nother-thing;python_version<"3.0"\n\n'
  t.match(await ask(t, '>=3.8,<4', lines), { allowed: true, missing: ['no-such-distribution>=1'], found: [] })
})

t.test('a Python that is too old', async (t) => {
  t.equal((await ask(t, '>=99.1', '')).allowed, false)
})

t.test('an interpreter that answers something else', async (t) => {
  const { system } = machine(t, { programs: () => ({ stdout: 'Python 2.7.18\n', stderr: 'no\n' }) })
  await t.rejects(survey(system, python, '', { requirements: '/dev/null', constraints: '/dev/null' }), { code: 'PYTHON_MISSING', message: /does not work: no$/ })
})

t.test('an interpreter that is not there', async (t) => {
  const { system } = machine(t)
  await t.rejects(survey({ ...system, run: realRun }, '/nowhere/python3', '', { requirements: '/dev/null', constraints: '/dev/null' }), { code: 'PYTHON_MISSING' })
})
