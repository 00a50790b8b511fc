import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { CA, scratch, smallImage } from './small-image.ts'

const EVERY_VERB = new URL('every-verb.ts', import.meta.url).pathname
const NOBODY = 65534

t.test('build, plan, check, inspect, diff, strip and debug-user work as an ordinary user, and as root they give the same', async (t) => {
  const folder = scratch(t.teardown)
  chmodSync(folder, 0o755)
  const base = smallImage(folder)
  const ca = join(folder, 'ca.pem')
  writeFileSync(ca, CA)
  const root = process.geteuid!() === 0

  const run = (name: string, uid?: number) => {
    const own = join(folder, name)
    mkdirSync(own)
    if (uid !== undefined) chownSync(own, uid, uid)
    const become = uid === undefined ? [] : ['setpriv', '--reuid', `${uid}`, '--regid', `${uid}`, '--clear-groups', '--no-new-privs']
    const [program, ...args] = [...become, process.execPath, EVERY_VERB, base, ca, own]
    const env = { PATH: process.env['PATH'], HOME: own, TROVESTRAP_CACHE: join(own, 'cache'), TMPDIR: own }
    return JSON.parse(execFileSync(program!, args, { cwd: own, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })) as { uid: number; result: { planned: string; built: string; put: unknown[]; left: unknown[] } }
  }
  const ordinary = run('ordinary', root ? NOBODY : undefined)
  t.not(ordinary.uid, 0)
  t.equal(ordinary.result.built, ordinary.result.planned)
  t.match(ordinary.result.built, /^[0-9a-f]{64}$/)
  t.ok(ordinary.result.put.length > 0)
  t.strictSame(ordinary.result.left, [], 'stripping brings the base back')
  if (root) t.strictSame(run('as-root').result, ordinary.result)
})
