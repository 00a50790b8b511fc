import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'

const ROOT = join(import.meta.dirname, '..', '..')
const read = (name: string) => readFileSync(join(ROOT, name), 'utf8')

interface Locked {
  readonly version: string
  readonly integrity?: string
  readonly resolved?: string
  readonly link?: boolean
  readonly hasInstallScript?: boolean
}

const locked = Object.entries((JSON.parse(read('package-lock.json')) as { packages: Record<string, Locked> }).packages).filter(([path]) => path !== '')

/** They have a script that would run when they are installed; all that they do for us works without it. */
const WORK_WITHOUT_THEIR_SCRIPT: Readonly<Record<string, string>> = {
  'node_modules/esbuild': 'its program comes as a package of its own for the platform; the script only makes its start faster',
  'node_modules/ssh2': 'it would compile faster ciphers; Node has all of them',
  'node_modules/cpu-features': 'it tells ssh2 which of those ciphers to take; never loaded where it was not compiled',
}

t.test('every package is pinned by a SHA-512 digest, comes from the registry, and from no address of its own', async (t) => {
  t.ok(locked.length > 100)
  for (const [path, { integrity, resolved, link }] of locked) {
    t.match(integrity, /^sha512-[A-Za-z0-9+/]{86}==$/, path)
    t.notOk(link || resolved, `${path} is not taken from elsewhere`)
  }
})

t.test('what is wanted is named in exact versions', async (t) => {
  const { dependencies, devDependencies } = JSON.parse(read('package.json')) as Record<'dependencies' | 'devDependencies', Record<string, string>>
  for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) t.match(version, /^\d+\.\d+\.\d+$/, name)
})

t.test('no package runs anything when it is installed, and none has to', async (t) => {
  t.match(read('.npmrc'), /^ignore-scripts=true$/m)
  t.same(locked.flatMap(([path, { hasInstallScript }]) => (hasInstallScript ? [path] : [])).sort(), Object.keys(WORK_WITHOUT_THEIR_SCRIPT).sort())
})

t.test('what npm leaves out together with install scripts is not counted upon: no script of ours begins with pre or post', async (t) => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
  t.same(Object.keys(scripts).filter((name) => /^(pre|post)/.test(name)), [])
  for (const name of ['start', 'test', 'test:cloud', 'lab', 'torture', 'bench']) t.match(scripts[name], /^node setup\/prepare\.mjs( cloud)? && node_modules\/\.bin\/node /, name)
})

t.test('esbuild, ssh2 and the pinned Node do their work as they are installed', async (t) => {
  const { transform } = await import('esbuild')
  t.equal((await transform('let a: number = 1', { loader: 'ts' })).code, 'let a = 1;\n')
  const { default: ssh2 } = await import('ssh2')
  t.type(ssh2.Client, 'function')
  t.match(process.version, /^v24\./)
})
