import { join } from 'node:path'
import t from 'tap'
import { describeSource, pbrVersion } from '../../../host-server/snapshot/describe-source.ts'
import { TreeFiles } from '../../../host-server/snapshot/tree-files.ts'
import { gitIn, plant, sourceOf } from './trees.ts'

t.test('a version follows from tag and distance as pbr computes it', async (t) => {
  for (const [tag, distance, version] of [
    ['18.0.0', 0, '18.0.0'],
    ['18.0.0', 5, '18.0.1.dev5'],
    ['v25.0', 100, '25.0.1.dev100'],
    ['18.0.0.0rc1', 0, '18.0.0.0rc1'],
    ['18.0.0.0rc1', 2, '18.0.0.0rc2.dev2'],
    ['18.0.0b3', 0, '18.0.0.0b3'],
    ['2014-eol', 3, undefined],
  ] as const) {
    t.equal(pbrVersion(tag, distance), version, `${tag} + ${distance}`)
  }
})

t.test('the version comes from the settings, else git, else the package, else debian/changelog, else is unknown', async (t) => {
  const root = join(t.testdir({}), 'tree')
  plant(root, { 'trove/__init__.py': '' })
  const none = new TreeFiles()
  const debian = new TreeFiles()
  debian.keep('debian/changelog', Buffer.from('openstack-trove (1:18.0.0~rc1-2) unstable; urgency=medium\n'))
  const sdist = new TreeFiles()
  sdist.keep('PKG-INFO', Buffer.from('Name: trove\nVersion: 17.0.0\n'))
  t.same(await describeSource(root, sourceOf(root), none), { description: 'trove (version unknown, 0.0.0 is served; set source.version)', version: '0.0.0' })
  t.same(await describeSource(root, sourceOf(root), debian), { description: 'trove 18.0.0.0rc1', version: '18.0.0.0rc1' })
  t.same(await describeSource(root, sourceOf(root), sdist), { description: 'trove 17.0.0', version: '17.0.0' })
  gitIn(root, 'init', '-q')
  t.match(await describeSource(root, sourceOf(root), none), { version: '0.0.0' }, 'no commit yet')
  gitIn(root, 'add', '-A')
  gitIn(root, 'commit', '-q', '-m', 'one')
  t.match(await describeSource(root, sourceOf(root), none), { version: '0.0.0', description: /^commit [0-9a-f]{7} \(version unknown/ })
  gitIn(root, 'tag', '18.0.0')
  t.same(await describeSource(root, sourceOf(root), sdist), { description: '18.0.0', version: '18.0.0' })
  gitIn(root, 'commit', '-q', '--allow-empty', '-m', 'two')
  gitIn(root, 'tag', 'zed-eol')
  t.match(await describeSource(root, sourceOf(root), none), { version: '18.0.1.dev1', description: /^18\.0\.0-1-g[0-9a-f]{7}$/ })
  t.match(await describeSource(root, sourceOf(root, { version: '5.1' }), none), { version: '5.1' })
})
