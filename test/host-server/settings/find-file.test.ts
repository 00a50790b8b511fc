import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { findSettingsFile, isThere } from '../../../host-server/settings/find-file.ts'

t.test('a file that nobody may look at is there', async (t) => {
  const dir = t.testdir({ closed: { file: '' }, file: '' })
  chmodSync(join(dir, 'closed'), 0)
  t.ok(isThere(join(dir, 'file')))
  t.notOk(isThere(join(dir, 'nothing')))
  t.notOk(isThere(join(dir, 'file', 'below')), 'nothing is below a file')
  t.ok(asNobody(() => isThere(join(dir, 'closed', 'file'))))
  chmodSync(join(dir, 'closed'), 0o700)
})

t.test('what is named counts, there or not', async (t) => {
  t.equal(findSettingsFile('/nowhere/x.yaml', {}), '/nowhere/x.yaml')
  t.equal(findSettingsFile(undefined, { TROVESTRAP_CONFIG: '/nowhere/y.yaml' }), '/nowhere/y.yaml')
})

/** Root may look everywhere. */
function asNobody<T>(work: () => T): T {
  const me = process.geteuid!()
  if (me !== 0) return work()
  process.seteuid!(65534)
  try {
    return work()
  } finally {
    process.seteuid!(me)
  }
}
