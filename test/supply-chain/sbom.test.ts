import { join } from 'node:path'
import { readFileSync } from 'node:fs'
import t from 'tap'

const ROOT = join(import.meta.dirname, '..', '..')
const { bill } = (await import(join(ROOT, 'setup', 'sbom.mjs'))) as { bill(root: string): { bomFormat: string; specVersion: string; components: Component[] } }
const { wantedPackages } = (await import(join(ROOT, 'setup', 'debian.mjs'))) as { wantedPackages(lanes: { cloud: boolean }): { name: string }[] }

interface Component {
  readonly name: string
  readonly version?: string
  readonly purl: string
  readonly hashes?: readonly { readonly alg: string }[]
  readonly licenses?: readonly object[]
}

t.test('the bill of materials has every npm package with version, digest and licence, and every Debian package that setup names', async (t) => {
  const { bomFormat, specVersion, components } = bill(ROOT)
  t.same([bomFormat, specVersion], ['CycloneDX', '1.5'])
  const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as { packages: Record<string, { version: string }> }
  const wanted = Object.entries(packages).filter(([path]) => path !== '').map(([path, { version }]) => `${path.replace(/^.*node_modules\//, '')}@${version}`)
  const npm = components.filter(({ purl }) => purl.startsWith('pkg:npm/'))
  t.same([...new Set(npm.map(({ name, version }) => `${name}@${version}`))].sort(), [...new Set(wanted)].sort())
  t.same(npm.filter(({ hashes, licenses }) => hashes?.[0]?.alg !== 'SHA-512' || !licenses), [])
  t.same(components.filter(({ purl }) => purl.startsWith('pkg:deb/')).map(({ name }) => name), wantedPackages({ cloud: true }).map(({ name }) => name))
})
