import t from 'tap'
import { requirements } from '../../../diagnosis/causes/requirements.ts'
import { answers, ask, failed, type Given } from '../evidence-of.ts'

const journal = (...lines: string[]): Given => ({ guest: { journals: { 'guest-agent.service': lines } } })

const cases: [title: string, given: Given, expected: string[]][] = [
  ['a requirement that no index has', { console: [failed('install-requirements', 'REQUIREMENT_NOT_FOUND', { requirement: 'nosuch==9' }, 'nosuch==9 (offered: none)')] }, ['E1']],
  ['an index that cannot be reached', { console: [failed('install-requirements', 'INDEX_UNREACHABLE', {}, 'no answer')] }, ['E1']],
  ['constraints that forbid a requirement', { console: [failed('install-requirements', 'REQUIREMENT_CONFLICT', {}, 'passlib')] }, ['E2']],
  ["pip's own word for a conflict, under a code that says less", { console: [failed('install-requirements', 'PIP_FAILED', {}, 'ResolutionImpossible: for help visit …')] }, ['E2']],
  ['a wheel that would have to be built', { console: [failed('install-requirements', 'WHEEL_NOT_BUILT', { requirement: 'netifaces' }, "error: command 'gcc' failed")] }, ['E3']],
  ['a conflict that pip ends with its usual line', journal('The conflict is caused by: The user requested (constraint) passlib==1.7.4', 'ERROR: ResolutionImpossible: for help visit'), ['E2']],
  ['a conflict in which pip also finds nothing', { console: [failed('install-requirements', 'PIP_FAILED', {}, 'No matching distribution found for passlib; ResolutionImpossible')] }, ['E2']],
  ['a module that is missing at run time', { console: [failed('confirm', 'AGENT_EXITED', { last: "ModuleNotFoundError: No module named 'passlib'" })] }, ['E4']],
  ['the same from the journal of an image with its own unit', journal("CRITICAL root [-] Unhandled error: ModuleNotFoundError: No module named 'docker'"), ['E4']],
  ['a Python that pip may not touch', { console: [failed('install-requirements', 'PYTHON_MANAGED', { python: '/usr/bin/python3', managed: true }, 'ensurepip is not available')] }, ['E5']],
  ['pip that failed in a way nobody knows', { console: [failed('install-requirements', 'PIP_FAILED', {}, 'Hash Sum mismatch')] }, []],
  ['another stage', { console: [failed('fetch', 'CONTENT_DIFFERS', {})] }, []],
]
for (const [title, given, expected] of cases) t.test(title, (t) => (t.same(answers(requirements, given), expected), t.end()))

t.test('what is missing is named, and the mend is for the host', (t) => {
  const found = ask(requirements[0]!, { console: [failed('install-requirements', 'REQUIREMENT_NOT_FOUND', { requirement: 'nosuch==9' })], machine: { host_server: { source: '/opt/stack/trove', listening: true } } })
  t.match(found, { what: 'no index offers nosuch==9', mend: [{ on: 'host', say: /\/opt\/stack\/trove\/requirements\.txt/ }, { on: 'host', run: 'systemctl reload trovestrap-host' }] })
  t.end()
})

t.test('a tree that is not whole is not called a missing requirement', (t) => {
  t.match(ask(requirements[3]!, { console: [failed('confirm', 'AGENT_EXITED', { last: "ModuleNotFoundError: No module named 'trove.cmd'" })] }), { what: /served tree is not whole/ })
  t.end()
})
