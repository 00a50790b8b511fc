import t from 'tap'
import { pythonNeeds } from '../../../host-server/snapshot/python-needs.ts'
import { TreeFiles } from '../../../host-server/snapshot/tree-files.ts'

function tree(files: Record<string, string>): TreeFiles {
  const kept = new TreeFiles()
  for (const [path, text] of Object.entries(files)) kept.keep(path, Buffer.from(text))
  return kept
}

t.test('python.requires is found wherever Trove has stated it', async (t) => {
  for (const [path, text] of [
    ['setup.cfg', '[metadata]\npython_requires = >= 3.11\n'],
    ['setup.cfg', '[metadata]\npython-requires = >= 3.11\n'],
    ['pyproject.toml', '[project]\nrequires-python = ">= 3.11"\n'],
    ['trove.egg-info/PKG-INFO', 'Name: trove\nRequires-Python: >= 3.11\n'],
  ] as const) {
    t.equal((await pythonNeeds(tree({ [path]: text }), { requirements: [] })).requires, '>= 3.11', path)
  }
})

t.test('requirements of the tree come before the configured ones; comments, blank lines and continuations as pip reads them', async (t) => {
  const files = tree({ 'requirements.txt': '# a\r\npbr>=6.0.0 # Apache\r\nlxml!=3.7.0,\\\n>=3.4.1\nx @ http://h/#egg=x\n', 'upper-constraints.txt': 'pbr===6.1.0\n' })
  t.same(await pythonNeeds(files, { requirements: ['passlib>=1.7.4'] }), {
    requires: '',
    requirements: ['pbr>=6.0.0', 'lxml!=3.7.0,>=3.4.1', 'x @ http://h/#egg=x', 'passlib>=1.7.4'],
    constraints: ['pbr===6.1.0'],
  })
})

t.test('the configured constraints replace those of the tree', async (t) => {
  const file = `${t.testdir({ 'uc.txt': 'pbr===7\n' })}/uc.txt`
  const needs = await pythonNeeds(tree({ 'upper-constraints.txt': 'pbr===6\n' }), { requirements: [], constraints: file })
  t.same(needs.constraints, ['pbr===7'])
})
