import { join } from 'node:path'
import t from 'tap'
import { GUEST } from '../../contract/paths.ts'
import { prebake } from '../../host-server/prebake.ts'
import { settingsOf } from './settings-of.ts'

t.test('tree, manifest and wheels are laid as a guest has them; the same input lays the same', async (t) => {
  const folder = t.testdir({ tree: { trove: { '__init__.py': '', 'a.py': 'a\n' }, 'requirements.txt': 'tool\n' }, wheels: { 'tool-1.0.tar.gz': 'an sdist' } })
  const settings = settingsOf(folder, { python: { requirements: [], wheels: join(folder, 'wheels') } })
  const { revision, changes } = await prebake(settings)
  const tree = `${GUEST.source}/${revision}`
  t.same(
    changes.map(({ kind, path }) => `${kind} ${path}`),
    [
      `folder ${GUEST.source}`,
      `folder ${tree}`,
      `folder ${tree}/trove`,
      `file ${tree}/requirements.txt`,
      `file ${tree}/trove/__init__.py`,
      `file ${tree}/trove/a.py`,
      `link ${GUEST.currentSource}`,
      `folder ${GUEST.manifests}`,
      `file ${GUEST.manifests}/${revision}.json`,
      `folder ${GUEST.wheelhouse}`,
      `file ${GUEST.wheelhouse}/tool-1.0.tar.gz`,
    ],
  )
  t.match(changes.find(({ path }) => path.endsWith('a.py')), { mode: 0o644, uid: 0, gid: 0, content: { bytes: Buffer.from('a\n') } })
  t.match(changes.at(-1), { content: { hostFile: join(folder, 'wheels/tool-1.0.tar.gz'), size: 8 } })
  t.same((await prebake(settings)).changes, changes)
})

t.test('a tree that is not there is said in one line', async (t) => {
  await t.rejects(prebake(settingsOf(t.testdir({}))), { message: /expected a Trove checkout at source.path/ })
})
