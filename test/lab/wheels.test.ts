import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { run } from '../../lab/run.ts'
import { upstream } from '../../lab/wheels.ts'

const MAKE_WHEEL = join(import.meta.dirname, '..', '..', 'lab', 'python', 'make_wheel.py')

t.test('upstream’s version is Debian’s without epoch and revision', async (t) => {
  t.same(['1.7.4-3', '1:18.0.0-2', '3.10.8-1.1+deb12u1', '2.0'].map(upstream), ['1.7.4', '18.0.0', '3.10.8', '2.0'])
})

t.test('a wheel made of a Debian package’s files lists each of them with its digest', async (t) => {
  const modules = t.testdir({ example: { '__init__.py': 'ANSWER = 42\n', data: { 'words.txt': 'one\n' } }, 'example-1.2.egg-info': { 'PKG-INFO': 'Metadata-Version: 2.1\nName: example\nVersion: 1.2\n' } })
  const [out, target] = [join(modules, 'out'), join(modules, 'target')]
  await mkdir(out)
  await run(['/usr/bin/python3', MAKE_WHEEL, modules, 'example', '1.2', out])
  t.same(await readdir(out), ['example-1.2-py3-none-any.whl'])
  // read with zipfile, checked as pip checks it: each line of RECORD against the content
  await writeFile(join(modules, 'check.py'), CHECK)
  t.equal(await run(['/usr/bin/python3', join(modules, 'check.py'), join(out, 'example-1.2-py3-none-any.whl'), target]), '42 5\n')
})

const CHECK = `
import base64, csv, hashlib, io, sys, zipfile
wheel = zipfile.ZipFile(sys.argv[1])
rows = list(csv.reader(io.StringIO(wheel.read("example-1.2.dist-info/RECORD").decode())))
assert sorted(row[0] for row in rows) == sorted(wheel.namelist()), rows
for name, digest, size in rows:
    if not digest: continue
    content = wheel.read(name)
    assert digest == "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode() and int(size) == len(content), name
wheel.extractall(sys.argv[2])
sys.path.insert(0, sys.argv[2])
import example
print(example.ANSWER, len(rows))
`
