import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import t, { type Test } from 'tap'
import { revisionOf } from '../../contract/manifest.ts'
import { SnapshotError, takeSnapshot } from '../../host-server/snapshot.ts'
import { gitIn, NO_PYTHON, plant, sourceOf } from './snapshot/trees.ts'

const TROVE = { 'trove/__init__.py': '', 'trove/cmd/guest.py': 'main()\n', 'requirements.txt': '# why\npbr>=6.0.0 # Apache-2.0\n\n' }

function place(t: Test, files: Record<string, string> = TROVE) {
  const root = plant(join(t.testdir({}), 'tree'), files)
  return { root, content: join(root, '..', 'content') }
}

function checkout(t: Test, files: Record<string, string> = TROVE) {
  const here = place(t, files)
  gitIn(here.root, 'init', '-q')
  gitIn(here.root, 'add', '-A')
  gitIn(here.root, 'commit', '-q', '-m', 'one')
  gitIn(here.root, 'tag', '18.0.0')
  return here
}

const paths = (entries: readonly { path: string }[]) => entries.map((entry) => entry.path)
const digest = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')

async function refusal(t: Test, promise: Promise<unknown>, problem: string, ...words: string[]) {
  const error = await promise.then(() => undefined, (error: unknown) => error)
  t.type(error, SnapshotError)
  t.equal((error as SnapshotError).problem, problem)
  for (const word of words) t.ok((error as Error).message.includes(word), `"${(error as Error).message}" says ${word}`)
  t.notMatch((error as Error).message, /\n/)
}

t.test('the pack holds all contents in the order of the entries and is named by its digest', async (t) => {
  const { root, content } = place(t)
  chmodSync(join(root, 'trove/cmd/guest.py'), 0o755)
  symlinkSync('cmd/guest.py', join(root, 'trove/main'))
  const { manifest, pack } = await takeSnapshot(sourceOf(root), NO_PYTHON, content)
  const of = (path: string, mode: number, text: string) => ({ type: 'file' as const, path, mode, size: text.length, sha256: digest(Buffer.from(text)) })
  t.same(manifest.entries, [
    of('requirements.txt', 0o644, TROVE['requirements.txt']),
    of('trove/__init__.py', 0o644, ''),
    of('trove/cmd/guest.py', 0o755, 'main()\n'),
    { type: 'link', path: 'trove/main', target: 'cmd/guest.py' },
  ])
  t.equal(manifest.revision, revisionOf(manifest.entries))
  const whole = TROVE['requirements.txt'] + 'main()\n'
  t.equal(zstdDecompressSync(readFileSync(pack)).toString(), whole)
  t.equal(manifest.pack.size, whole.length)
  t.same(manifest.pack.zstd, { sha256: digest(readFileSync(pack)), size: statSync(pack).size })
  t.equal(pack, join(content, manifest.pack.zstd.sha256))
  t.same(readdirSync(content), [manifest.pack.zstd.sha256], 'nothing else lies in content')
})

t.test('a checkout hands out what git tracks or would track, without what it ignores, dotfiles and deleted files', async (t) => {
  const { root, content } = checkout(t, { ...TROVE, '.gitignore': '*.log\ntrove.egg-info\n', 'gone.py': '', '.zuul.yaml': '' })
  plant(root, { 'trove/new.py': '', 'a.log': '', 'trove.egg-info/PKG-INFO': '', 'trove/x.pyc': '', 'trove/__pycache__/y.txt': '' })
  rmSync(join(root, 'gone.py'))
  const wanted = ['requirements.txt', 'trove/__init__.py', 'trove/cmd/guest.py', 'trove/new.py']
  t.same(paths((await takeSnapshot(sourceOf(root), NO_PYTHON, content)).manifest.entries), wanted)
  const all = await takeSnapshot(sourceOf(root, { git_ignored: true, exclude: [] }), NO_PYTHON, content)
  t.same(paths(all.manifest.entries), ['.gitignore', '.zuul.yaml', 'a.log', 'requirements.txt', 'trove.egg-info/PKG-INFO', 'trove/__init__.py', 'trove/__pycache__/y.txt', 'trove/cmd/guest.py', 'trove/new.py', 'trove/x.pyc'])
})

t.test('source.exclude is in the words of gitignore', async (t) => {
  const { root, content } = place(t, { ...TROVE, 'doc/a.rst': '', 'trove/tests/b.py': '', 'trove/tests/keep.py': '', 'Doc/c': '' })
  const { manifest } = await takeSnapshot(sourceOf(root, { exclude: ['/doc/', 'tests/*', '!tests/keep.py', 'trove/tests/b.py'] }), NO_PYTHON, content)
  t.same(paths(manifest.entries), ['Doc/c', 'requirements.txt', 'trove/__init__.py', 'trove/cmd/guest.py', 'trove/tests/keep.py'])
})

t.test('nothing that the checkout configures runs, and settings that lead elsewhere lead nowhere', async (t) => {
  const { root, content } = checkout(t)
  const elsewhere = plant(join(root, '..', 'elsewhere'), { secret: 'x' })
  const proof = join(root, '..', 'ran')
  const script = join(root, '..', 'run.sh')
  writeFileSync(script, `#!/bin/sh\ntouch ${proof}\n`, { mode: 0o755 })
  for (const key of ['core.fsmonitor', 'core.sshCommand', 'core.pager', 'filter.x.clean', 'filter.x.process', 'core.askPass']) gitIn(root, 'config', key, script)
  writeFileSync(join(root, '.git/info/attributes'), '* filter=x\n')
  gitIn(root, 'config', 'core.worktree', elsewhere)
  mkdirSync(join(root, '.git/hooks'), { recursive: true })
  for (const hook of ['post-index-change', 'post-checkout']) writeFileSync(join(root, '.git/hooks', hook), readFileSync(script), { mode: 0o755 })
  const { manifest } = await takeSnapshot(sourceOf(root), NO_PYTHON, content)
  t.same(paths(manifest.entries), Object.keys(TROVE).sort())
  t.throws(() => statSync(proof), { code: 'ENOENT' })
})

t.test('a submodule and a repository inside do no harm', async (t) => {
  const { root, content } = checkout(t)
  const inner = checkout(t).root
  gitIn(root, '-c', 'protocol.file.allow=always', 'submodule', 'add', '-q', inner, 'sub')
  gitIn(root, 'init', '-q', 'nested')
  const { manifest } = await takeSnapshot(sourceOf(root), NO_PYTHON, content)
  t.same(paths(manifest.entries), Object.keys(TROVE).sort())
})

t.test('a tracked folder that became a link to elsewhere is not followed', async (t) => {
  const { root, content } = checkout(t, { ...TROVE, 'etc/passwd': '' })
  rmSync(join(root, 'etc'), { recursive: true })
  symlinkSync('/etc', join(root, 'etc'))
  await refusal(t, takeSnapshot(sourceOf(root), NO_PYTHON, content), 'refused', 'etc -> /etc')
  const { manifest } = await takeSnapshot(sourceOf(root, { exclude: ['etc'] }), NO_PYTHON, content)
  t.same(paths(manifest.entries), Object.keys(TROVE).sort())
})

t.test('the tree of a distribution package keeps its egg-info, brings its version and no requirements', async (t) => {
  const info = 'Metadata-Version: 2.1\nName: trove\nVersion: 18.0.0\nRequires-Python: >= 3.8\n\nVersion: 99\n'
  const { root, content } = place(t, { 'trove/__init__.py': '', 'trove-18.0.0.egg-info/PKG-INFO': info, 'trove-18.0.0.egg-info/requires.txt': 'kombu\n' })
  const { manifest } = await takeSnapshot(sourceOf(root), { requirements: ['passlib>=1.7.4'] }, content)
  t.same(paths(manifest.entries), ['trove-18.0.0.egg-info/PKG-INFO', 'trove-18.0.0.egg-info/requires.txt', 'trove/__init__.py'])
  t.same(manifest.source, { description: 'trove 18.0.0', version: '18.0.0' })
  t.same(manifest.python, { requires: '>= 3.8', requirements: ['passlib>=1.7.4'], constraints: [] })
})

t.test('links that leave the tree are refused with link and target, also by way of another link', async (t) => {
  for (const [links, named] of [
    [{ 'trove/out': '/etc/passwd' }, 'trove/out -> /etc/passwd'],
    [{ 'trove/out': '../../x' }, 'trove/out -> ../../x'],
    [{ 'trove/cmd/up': '../..', hop: 'trove/cmd/up/../x' }, 'hop -> trove/cmd/up/../x'],
  ] as const) {
    const { root, content } = place(t)
    for (const [path, target] of Object.entries(links)) symlinkSync(target, join(root, path))
    await refusal(t, takeSnapshot(sourceOf(root), NO_PYTHON, content), 'refused', named, 'source.exclude')
  }
  const { root, content } = place(t)
  symlinkSync('loop', join(root, 'loop'))
  symlinkSync('trove/nowhere', join(root, 'dangling'))
  t.equal((await takeSnapshot(sourceOf(root), NO_PYTHON, content)).manifest.entries.length, 5, 'a loop and a dangling link stay inside')
})

t.test('special files and names that are not UTF-8 are refused', async (t) => {
  const { root, content } = place(t)
  execFileSync('mkfifo', [join(root, 'queue')])
  await refusal(t, takeSnapshot(sourceOf(root), NO_PYTHON, content), 'refused', 'named pipe queue')
  for (const make of [place, checkout]) {
    const { root, content } = make(t)
    writeFileSync(Buffer.concat([Buffer.from(`${root}/caf`), Buffer.from([0xe9])]), '')
    await refusal(t, takeSnapshot(sourceOf(root), NO_PYTHON, content), 'refused', 'caf\\xe9', 'UTF-8')
  }
})

t.test('a missing, empty, foreign or broken tree is one clear error each', async (t) => {
  const { root, content } = place(t, { 'trove-18/trove/__init__.py': '' })
  const empty = join(root, '..', 'empty')
  mkdirSync(empty)
  await refusal(t, takeSnapshot(sourceOf('/nonexistent/trove'), NO_PYTHON, content), 'missing', '/nonexistent/trove')
  await refusal(t, takeSnapshot(sourceOf(join(root, 'trove-18/trove/__init__.py')), NO_PYTHON, content), 'missing', 'ENOTDIR')
  await refusal(t, takeSnapshot(sourceOf(empty), NO_PYTHON, content), 'not-trove', 'no file at all')
  await refusal(t, takeSnapshot(sourceOf(root), NO_PYTHON, content), 'not-trove', `did you mean ${root}/trove-18?`)
  mkdirSync(join(root, '.git'))
  await refusal(t, takeSnapshot(sourceOf(root), NO_PYTHON, content), 'git', 'not a git repository')
  const constraints = join(root, 'none.txt')
  await refusal(t, takeSnapshot(sourceOf(join(root, 'trove-18')), { requirements: [], constraints }, content), 'requirements', constraints, 'ENOENT')
  plant(root, { 'trove-18/requirements.txt': '--index-url=http://u:p@h/\n' })
  await refusal(t, takeSnapshot(sourceOf(join(root, 'trove-18')), NO_PYTHON, content), 'requirements', '--index-url,')
  t.same(readdirSync(content).filter((name) => name.startsWith('.')), [], 'nothing half-written stays')
})

t.test('an unchanged tree gives the previous snapshot back, a touched mode a new one', async (t) => {
  const { root, content } = checkout(t)
  const previous = await takeSnapshot(sourceOf(root), NO_PYTHON, content)
  utimesSync(join(root, 'trove/__init__.py'), 1, 1)
  t.equal(await takeSnapshot(sourceOf(root), NO_PYTHON, content, { previous }), previous)
  t.equal(await takeSnapshot(sourceOf(root), NO_PYTHON, content, { previous }), previous)
  t.not(await takeSnapshot(sourceOf(root, { version: '9' }), NO_PYTHON, content, { previous }), previous)
  rmSync(previous.pack)
  t.equal(await takeSnapshot(sourceOf(root), NO_PYTHON, content, { previous }), previous)
  t.ok(statSync(previous.pack).isFile(), 'a lost pack is written again')
  chmodSync(join(root, 'trove/__init__.py'), 0o600)
  t.not((await takeSnapshot(sourceOf(root), NO_PYTHON, content, { previous })).manifest.revision, previous.manifest.revision)
})

t.test('what has not changed comes from the pack of before, and the new one is the same as one made from the tree alone', async (t) => {
  const { root, content } = place(t, { ...TROVE, 'trove/large.bin': 'large '.repeat(200_000), 'trove/last.py': 'z' })
  const previous = await takeSnapshot(sourceOf(root), NO_PYTHON, content)
  plant(root, { 'trove/aa.py': 'new', 'trove/cmd/guest.py': 'changed()\n' })
  rmSync(join(root, 'requirements.txt'))
  const kept = await takeSnapshot(sourceOf(root), NO_PYTHON, content, { previous })
  const anew = await takeSnapshot(sourceOf(root), NO_PYTHON, join(content, '..', 'other'))
  t.same({ ...kept.manifest, created: '' }, { ...anew.manifest, created: '' })
  t.same(readFileSync(kept.pack), readFileSync(anew.pack))
})

t.test('where the pack of before was damaged, the tree itself is read', async (t) => {
  const { root, content } = place(t)
  const previous = await takeSnapshot(sourceOf(root), NO_PYTHON, content)
  for (const damaged of [Buffer.from('no zstd'), zstdCompressSync(Buffer.from('other contents of the same kind'))]) {
    writeFileSync(previous.pack, damaged)
    plant(root, { 'trove/aa.py': `new ${damaged.length}` })
    const { manifest, pack } = await takeSnapshot(sourceOf(root), NO_PYTHON, content, { previous })
    t.match(zstdDecompressSync(readFileSync(pack)).toString(), `new ${damaged.length}main()`)
    t.equal(digest(readFileSync(pack)), manifest.pack.zstd.sha256)
  }
})

t.test('a tree that is written all the time is never read half: old, new, or an error that says so', async (t) => {
  const many = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`trove/f${index}.py`, 'old']))
  const { root, content } = place(t, { ...TROVE, ...many })
  const generations = new Set([(await takeSnapshot(sourceOf(root), NO_PYTHON, content)).manifest.revision])
  const wholes = () => Object.keys(many).map((path) => readFileSync(join(root, path), 'utf8'))
  let busy = true
  const writer = (async () => {
    for (let round = 0; round < 40 && busy; round++) {
      for (const path of Object.keys(many)) {
        writeFileSync(join(root, `${path}.tmp`), 'new')
        renameSync(join(root, `${path}.tmp`), join(root, path))
        await new Promise((resolve) => setImmediate(resolve))
      }
    }
  })()
  const snapshot = await takeSnapshot(sourceOf(root), NO_PYTHON, content)
  busy = false
  await writer
  t.same(new Set(wholes()), new Set(['new']))
  generations.add((await takeSnapshot(sourceOf(root), NO_PYTHON, content)).manifest.revision)
  t.ok(generations.has(snapshot.manifest.revision), 'one of the two whole trees')
})

t.test('while git holds index.lock nothing is read; the error says what to remove', async (t) => {
  const { root, content } = checkout(t)
  writeFileSync(join(root, '.git/index.lock'), '')
  await refusal(t, takeSnapshot(sourceOf(root), NO_PYTHON, content, { patience: 100 }), 'unstable', 'index.lock', 'remove the file')
  const later = takeSnapshot(sourceOf(root), NO_PYTHON, content)
  rmSync(join(root, '.git/index.lock'))
  t.equal((await later).manifest.source.version, '18.0.0')
})

t.test('an aborted snapshot rejects with the reason', async (t) => {
  const { root, content } = place(t)
  await t.rejects(takeSnapshot(sourceOf(root), NO_PYTHON, content, { signal: AbortSignal.abort(new Error('stopping')) }), { message: 'stopping' })
})
