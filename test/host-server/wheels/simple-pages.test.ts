import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { chooseSimpleFormat, SIMPLE_CONTENT_TYPE, type SimpleFormat } from '../../../host-server/wheels/choose-format.ts'
import { readWheelIndex, type WheelFile, type WheelIndex } from '../../../host-server/wheels/read-index.ts'
import { simpleProjectHtml, simpleProjectJson, simpleRootHtml, simpleRootJson } from '../../../host-server/wheels/simple-pages.ts'
import { makeWheel } from './make-wheel.ts'

const run = promisify(execFile)
const FILE: WheelFile = { file: 'a-1!2+x.tar.gz', path: '/w/a', project: 'a', version: '1!2+x', size: 1, modified: 0, sha256: 'ab', requiresPython: '>=3.8,<"4"' }
const INDEX: WheelIndex = { projects: new Map([['b', []], ['a', [FILE]]]), files: new Map([[FILE.file, FILE]]), skipped: [] }

t.test('pages are as PEP 503 and PEP 691 want them, whatever is in the names', async (t) => {
  t.match(simpleRootHtml(INDEX), '<a href="a/">a</a><br>\n<a href="b/">b</a><br>\n')
  t.same(JSON.parse(simpleRootJson(INDEX)), { meta: { 'api-version': '1.0' }, projects: [{ name: 'a' }, { name: 'b' }] })
  t.match(simpleProjectHtml('a', [FILE]), '<a href="../../wheels/a-1!2%2Bx.tar.gz#sha256=ab" data-requires-python="&#62;=3.8,&#60;&#34;4&#34;">a-1!2+x.tar.gz</a>')
  t.same(JSON.parse(simpleProjectJson('a', [FILE])), {
    meta: { 'api-version': '1.0' },
    name: 'a',
    files: [{ filename: 'a-1!2+x.tar.gz', url: '../../wheels/a-1!2%2Bx.tar.gz', hashes: { sha256: 'ab' }, 'requires-python': '>=3.8,<"4"' }],
  })
})

for (const only of ['json', 'html'] as const) {
  t.test(`an unchanged pip installs from the ${only} pages, the newest version that this Python may use, and checks the digest`, async (t) => {
    const here = t.testdir({ wheels: {}, into: {} })
    const wheels = join(here, 'wheels')
    makeWheel(wheels, 'Tiny_thing', '1.0', '>=3.8')
    makeWheel(wheels, 'Tiny_thing', '2.0', '>=99')
    const index = await readWheelIndex(wheels)
    const asked: SimpleFormat[] = []
    let spoil = false
    const server = createServer((request, response) => {
      const [, , kind, name = ''] = decodeURIComponent(request.url!).split('/')
      const files = index.projects.get(name)
      const format = only === 'json' ? chooseSimpleFormat(request.headers.accept) : 'html'
      if (kind === 'simple' && files && format) {
        asked.push(format)
        response.setHeader('content-type', SIMPLE_CONTENT_TYPE[format])
        return response.end(format === 'json' ? simpleProjectJson(name, files) : simpleProjectHtml(name, files))
      }
      const file = kind === 'wheels' ? index.files.get(name) : undefined
      if (file) return response.end(spoil ? Buffer.from('other') : readFileSync(file.path))
      return response.writeHead(404).end()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    t.teardown(() => server.close())
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/simple/`
    const python = await run('/usr/bin/python3', ['-m', 'pip', '--version']).then(() => '/usr/bin/python3', () => 'python3')
    const pip = (...args: string[]) =>
      run(python, ['-m', 'pip', '--isolated', '--no-cache-dir', '--disable-pip-version-check', ...args, '--index-url', url], { env: { PATH: process.env['PATH'], HOME: here } })
    await pip('install', '--target', join(here, 'into'), 'tiny.thing')
    t.equal(readFileSync(join(here, 'into/Tiny_thing.py'), 'utf8'), "version = '1.0'\n")
    t.same(asked, [only])
    spoil = true
    const refused = await pip('download', '--no-deps', '-d', here, 'tiny-thing').then(() => '', (error: { stderr: string }) => error.stderr)
    t.match(refused, /DO NOT MATCH THE HASHES/)
    server.closeAllConnections()
  })
}
