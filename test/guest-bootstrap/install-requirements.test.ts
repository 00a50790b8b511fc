import t, { type Test } from 'tap'
import { GUEST } from '../../contract/paths.ts'
import { installRequirements } from '../../guest-bootstrap/stages/install-requirements.ts'
import { MEMORY, recall, remember } from '../../guest-bootstrap/memory.ts'
import { treeOf } from '../../contract/source-tree.ts'
import { keepManifest } from '../../guest-bootstrap/tree/current.ts'
import { venvPython } from '../../guest-bootstrap/python/overlay-venv.ts'
import type { Finished } from '../../guest-bootstrap/system.ts'
import { INSTANCE, machine, type Machine } from './machine.ts'
import { signedTree } from './signed-tree.ts'

const SYSTEM = '/usr/bin/python3'
const IMAGE = '/opt/guest-agent-venv/bin/python'
const WELL = { version: '3.11.2', managed: true, pip: true, allowed: true, missing: [] as string[], found: ['/usr/lib/python3/dist-packages/kombu.egg-info'] }
const secret = 's'.repeat(43)

interface World {
  python?: string
  survey?: Partial<typeof WELL>
  venv?: Partial<Finished>
  pip?: Partial<Finished>
}

function guest(t: Test, world: World): Machine & { world: World; pipConfig: string[]; netrc: string[] } {
  const pipConfig: string[] = []
  const netrc: string[] = []
  const it: Machine = machine(t, {
    programs: (program, args) => {
      if (args[0] === '-c') return { stdout: JSON.stringify({ ...WELL, ...world.survey }) }
      if (args[1] === 'venv') {
        if (world.venv) return world.venv
        it.put(venvPython, '')
        return {}
      }
      if (args[1] === 'pip') {
        const path = `${GUEST.runtime}/pip.conf`
        const mode = (path: string): string | undefined => it.system.files.stat(path)?.mode.toString(8)
        const home = `${GUEST.runtime}/pip`
        pipConfig.push(`${mode(path)} ${it.get(path)}`)
        if (mode(home)) netrc.push(`${mode(home)} ${mode(`${home}/.netrc`)} ${it.get(`${home}/.netrc`)}`)
        if (!world.pip) world.survey = {}
        return world.pip ?? {}
      }
      throw new Error(program)
    },
  })
  const { manifest } = signedTree({ a: 'x' }, { python: { requires: '>=3.8', requirements: ['kombu>=5', 'passlib>=1.7.4'], constraints: ['passlib===1.7.4'] } })
  keepManifest(it.system.files, { etag: '', manifest })
  it.system.files.folder(treeOf(manifest.revision))
  it.system.files.point(GUEST.currentSource, manifest.revision)
  remember(it.system.files, MEMORY.host, { url: 'https://h:1', uptime: 0 })
  remember(it.system.files, MEMORY.enrolment, { instance: INSTANCE, secret, granted: { instance: INSTANCE, expires: '2030-01-01', signing_keys: [], at: 0 } })
  it.put(world.python ?? SYSTEM, '')
  it.put(WELL.found[0]!, '')
  return Object.assign(it, { world, pipConfig, netrc })
}

t.test('requirements that the image meets already need no pip and no venv', async (t) => {
  const it = guest(t, {})
  t.equal(await installRequirements.done(it.system), false)
  t.equal(await installRequirements.run(it.system), 'Python 3.11.2, 1 requirements met')
  t.same(it.ran.map(({ line }) => line.split(' ').slice(0, 2).join(' ')), [`${SYSTEM} -c`])
  t.equal(recall(it.system.files, MEMORY.installed)?.python, SYSTEM)
  t.equal(await installRequirements.done(it.system), true)
})

t.test('a package that went away, another interpreter or other requirements are noticed', async (t) => {
  const it = guest(t, {})
  await installRequirements.run(it.system)
  it.system.files.remove(WELL.found[0]!)
  t.equal(await installRequirements.done(it.system), false)
  it.put(WELL.found[0]!, '')
  t.equal(await installRequirements.done(it.system), true)
  it.put(IMAGE, '')
  t.equal(await installRequirements.done(it.system), false)
})

t.test("what is missing comes from the host's index into a venv over the system's packages", async (t) => {
  const it = guest(t, { survey: { missing: ['passlib>=1.7.4'] } })
  t.equal(await installRequirements.run(it.system), 'Python 3.11.2, installed passlib')
  t.same(it.ran.map(({ line }) => line).filter((line) => !line.includes(' -c import')).filter((line) => line.includes(' -m ')), [
    `${SYSTEM} -m venv --system-site-packages --without-pip ${GUEST.venv}`,
    `${venvPython} -m pip install --no-input --disable-pip-version-check --no-cache-dir --progress-bar off --no-warn-script-location -r /run/trovestrap/requirements.txt -c /run/trovestrap/constraints.txt`,
  ])
  t.equal(it.get('/run/trovestrap/requirements.txt'), 'kombu>=5\npasslib>=1.7.4\n')
  t.equal(it.get('/run/trovestrap/constraints.txt'), 'passlib===1.7.4\n')
  t.equal(await installRequirements.done(it.system), true)
})

t.test('the credential goes to pip in a file of 0600 that is gone afterwards, never in arguments or environment', async (t) => {
  const it = guest(t, { survey: { missing: ['passlib'] } })
  await installRequirements.run(it.system)
  t.same(it.pipConfig, [`600 [global]\nindex-url = https://h:1/v1/simple/\nextra-index-url = \ncert = ${GUEST.ca}\ntimeout = 15\nretries = 1\n`])
  t.same(it.netrc, [`700 600 machine h login ${INSTANCE} password ${secret}\n`])
  for (const gone of ['pip.conf', 'pip']) t.equal(it.system.files.stat(`${GUEST.runtime}/${gone}`), undefined)
  t.notMatch(JSON.stringify(it.ran), secret)
})

t.test("the image's own venv is used where it is, and pip writes into it", async (t) => {
  const it = guest(t, { python: IMAGE, survey: { managed: false, missing: ['passlib'] } })
  await installRequirements.run(it.system)
  t.equal(recall(it.system.files, MEMORY.installed)?.python, IMAGE)
  t.same(it.ran.filter(({ line }) => line.includes('-m venv')), [])
})

t.test('a venv that a power cut has left half-made is made anew', async (t) => {
  const it = guest(t, { survey: { missing: ['passlib'] }, pip: { code: 1, stderr: 'killed' } })
  await t.rejects(installRequirements.run(it.system))
  it.put(`${GUEST.venv}/rubbish`, '')
  delete it.world.pip
  await installRequirements.run(it.system)
  t.equal(it.system.files.stat(`${GUEST.venv}/rubbish`), undefined)
  t.equal(it.ran.filter(({ line }) => line.includes('-m venv')).length, 2)
})

t.test("what pip was unpacking into the image's venv when the power went is put in again", async (t) => {
  const it = guest(t, { python: IMAGE, survey: { missing: ['passlib'] }, pip: { code: 1, stderr: 'killed' } })
  await t.rejects(installRequirements.run(it.system))
  delete it.world.pip
  await installRequirements.run(it.system)
  t.match(it.ran.map(({ line }) => line).find((line) => line.includes('--force-reinstall')), /--no-deps -r \/var\/lib\/trovestrap\/pip-running\.txt$/)
})

const missing = { missing: ['nosuch>=1'] }

// As pip 23 prints them.
const CONFLICT = `ERROR: Cannot install -r /run/trovestrap/requirements.txt (line 1) because these package versions have conflicting dependencies.

The conflict is caused by:
    The user requested kombu>=5
    The user requested (constraint) kombu==4.6.11

To fix this you could try to:
1. loosen the range of package versions you've specified
2. remove package versions to allow pip attempt to solve the dependency conflict

ERROR: ResolutionImpossible: for help visit https://pip.pypa.io/en/latest/topics/dependency-resolution/#dealing-with-dependency-conflicts
`
const NO_COMPILER = `  error: subprocess-exited-with-error
  × Building wheel for netifaces (setup.py) did not run successfully.
  │ exit code: 1
  ╰─> [6 lines of output]
      running build_ext
      building 'netifaces' extension
      gcc -Wno-unused-result -fPIC -c netifaces.c -o build/netifaces.o
      error: command 'gcc' failed: No such file or directory
      [end of output]
  note: This error originates from a subprocess, and is likely not a problem with pip.
  ERROR: Failed building wheel for netifaces
ERROR: Could not build wheels for netifaces, which is required to install pyproject.toml-based projects
`
const NO_HEADERS = `  × Building wheel for cffi (pyproject.toml) did not run successfully.
      c/_cffi_backend.c:15:10: fatal error: ffi.h: No such file or directory
      compilation terminated.
      error: command '/usr/bin/gcc' failed with exit code 1
  ERROR: Failed building wheel for cffi
Failed to build cffi
ERROR: Failed to build installable wheels for some pyproject.toml based projects (cffi)
`
const RETRIES = (why: string): string => `WARNING: Retrying (Retry(total=0, connect=None, read=None, redirect=None, status=None)) after connection broken by 'NewConnectionError('<pip._vendor.urllib3.connection.HTTPSConnection object at 0x7f8b>: Failed to establish a new connection: ${why}')': /v1/simple/nosuch/
ERROR: Could not find a version that satisfies the requirement nosuch>=1 (from versions: none)
ERROR: No matching distribution found for nosuch>=1
`
const refusals: { title: string; world: World; code: string; message?: RegExp }[] = [
  { title: 'no Python at all', world: { python: '/elsewhere' }, code: 'PYTHON_MISSING' },
  { title: 'a Python that is too old', world: { survey: { version: '3.6.9', allowed: false } }, code: 'PYTHON_TOO_OLD', message: /the image has Python 3\.6\.9, the tree wants >=3\.8/ },
  { title: 'no pip', world: { survey: { ...missing, pip: false } }, code: 'PIP_MISSING', message: /missing are nosuch>=1/ },
  { title: 'an externally managed Python that cannot make a venv', world: { survey: missing, venv: { code: 1, stderr: 'No module named venv\n' } }, code: 'PYTHON_MANAGED', message: /python3-venv/ },
  { title: 'pip says externally-managed', world: { survey: missing, pip: { code: 1, stderr: 'error: externally-managed-environment\n' } }, code: 'PYTHON_MANAGED' },
  {
    title: 'a requirement that no index has',
    world: { survey: missing, pip: { code: 1, stderr: 'ERROR: Could not find a version that satisfies the requirement nosuch>=1 (from versions: 0.9)\nERROR: No matching distribution found for nosuch>=1\n' } },
    code: 'REQUIREMENT_NOT_FOUND',
    message: /nosuch>=1 \(offered: 0\.9\)/,
  },
  {
    title: 'a constraint that excludes a requirement',
    world: { survey: missing, pip: { code: 1, stderr: CONFLICT } },
    code: 'REQUIREMENT_CONFLICT',
    message: /The user requested kombu>=5; The user requested \(constraint\) kombu==4\.6\.11; serve the upper-constraints/,
  },
  {
    title: 'a wheel that has to be built, without a compiler',
    world: { survey: missing, pip: { code: 1, stderr: NO_COMPILER } },
    code: 'WHEEL_NOT_BUILT',
    message: /netifaces: error: command 'gcc' failed: No such file or directory; put its wheel/,
  },
  {
    title: 'a wheel that has to be built, without its headers',
    world: { survey: missing, pip: { code: 1, stderr: NO_HEADERS } },
    code: 'WHEEL_NOT_BUILT',
    message: /cffi: c\/_cffi_backend\.c:15:10: fatal error: ffi\.h: No such file or directory/,
  },
  {
    title: 'an index that refuses the connection',
    world: { survey: missing, pip: { code: 1, stderr: RETRIES("[Errno 111] Connection refused") } },
    code: 'INDEX_UNREACHABLE',
    message: /Connection refused$/,
  },
  {
    title: 'an index whose name does not resolve',
    world: { survey: missing, pip: { code: 1, stderr: RETRIES('[Errno -3] Temporary failure in name resolution') } },
    code: 'INDEX_UNREACHABLE',
    message: /Temporary failure in name resolution$/,
  },
  {
    title: 'an index that goes away in the middle of a download',
    world: { survey: missing, pip: { code: 2, stderr: "ERROR: Could not install packages due to an OSError: HTTPSConnectionPool(host='10.0.2.2', port=15555): Max retries exceeded with url: /v1/wheels/x.whl (Caused by NewConnectionError('<pip._vendor.urllib3.connection.HTTPSConnection object at 0x7f1c>: Failed to establish a new connection: [Errno 113] No route to host'))\n" } },
    code: 'INDEX_UNREACHABLE',
    message: /10\.0\.2\.2:15555: No route to host$/,
  },
  {
    title: 'a try that failed and went well later does not hide what is missing',
    world: { survey: missing, pip: { code: 1, stderr: `${RETRIES('[Errno 111] Connection refused').split('\n')[0]}\nERROR: Could not find a version that satisfies the requirement nosuch>=1 (from versions: 0.9)\nERROR: No matching distribution found for nosuch>=1\n` } },
    code: 'REQUIREMENT_NOT_FOUND',
  },
  {
    title: 'a disk that is full while pip installs',
    world: { survey: missing, pip: { code: 1, stderr: "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device: '/var/lib/trove/venv/lib/x.py'\n" } },
    code: 'DISK_FULL',
    message: /No space left on device: '\/var\/lib\/trove\/venv\/lib\/x\.py'; free some space/,
  },
  { title: 'a disk that is read-only while pip installs', world: { survey: missing, pip: { code: 2, stderr: "Traceback\nOSError: [Errno 30] Read-only file system: '/tmp/y'\n" } }, code: 'DISK_READ_ONLY', message: /remount,rw/ },
  { title: 'a disk that is full while the venv is made', world: { survey: missing, venv: { code: 1, stdout: "Error: [Errno 28] No space left on device: '/var/lib/trove/venv'\n" } }, code: 'DISK_FULL' },
  { title: 'a wheel for another Python', world: { survey: missing, pip: { code: 1, stderr: "ERROR: Package 'nosuch' requires a different Python: 3.11.2 not in '>=3.12'\n" } }, code: 'PYTHON_TOO_OLD' },
  {
    title: 'anything else that pip says',
    world: { survey: missing, pip: { code: 2, stderr: `Looking in indexes: https://u:${secret}@h:1/\nERROR: Could not install packages due to https://u:${secret}@h:1/ being away\n` } },
    code: 'PIP_FAILED',
    message: /due to https:\/\/\*\*\*@h:1\/ being away/,
  },
  { title: 'a pip that hangs', world: { survey: missing, pip: { code: undefined } as never }, code: 'PIP_FAILED', message: /stopped after 30 minutes/ },
]
for (const { title, world, code, message } of refusals) {
  t.test(`${title}: ${code}`, async (t) => {
    const it = guest(t, world)
    const fault = await installRequirements.run(it.system).then(() => undefined, (error: unknown) => error as Error & { code: string })
    t.equal(fault?.code, code, String(fault?.message))
    if (message) t.match(fault?.message, message)
    t.notMatch(String(fault?.message), secret)
    t.equal(await installRequirements.done(it.system).catch(() => false), false)
  })
}

t.test("wheels of the image are taken first and without a host; what they lack comes from the host's index", async (t) => {
  const alone = guest(t, { survey: { missing: ['passlib'] } })
  alone.put(`${GUEST.wheelhouse}/passlib-1.7.4-py2.py3-none-any.whl`, '')
  remember(alone.system.files, MEMORY.host, { uptime: 0 })
  t.equal(await installRequirements.run(alone.system), 'Python 3.11.2, installed passlib')
  t.same(alone.pipConfig, [`600 [global]\nno-index = true\nfind-links = ${GUEST.wheelhouse}\nextra-index-url = \n`])

  const lacking = guest(t, { survey: { missing: ['passlib'] }, pip: { code: 1, stderr: 'ERROR: No matching distribution found for passlib' } })
  lacking.put(`${GUEST.wheelhouse}/other-1.0-py3-none-any.whl`, '')
  await t.rejects(installRequirements.run(lacking.system), { code: 'REQUIREMENT_NOT_FOUND' })
  t.match(lacking.pipConfig, [/no-index = true/, /index-url = https:/])
})
