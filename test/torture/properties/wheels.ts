import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { readWheelIndex } from '../../../host-server/wheels/read-index.ts'
import { readRequiresPython } from '../../../host-server/wheels/read-metadata.ts'
import { simpleProjectHtml, simpleProjectJson, simpleRootHtml } from '../../../host-server/wheels/simple-pages.ts'
import { parseDistribution } from '../../../host-server/wheels/wheel-name.ts'
import { makeWheel } from '../../host-server/wheels/make-wheel.ts'
import { changedBytes, changedTexts, texts } from './inputs.ts'
import { law, plain, valueOr, type Parser } from './law.ts'

const NAMES = ['Foo.Bar_baz-1.0-py3-none-any.whl', 'lxml-4.9.2-1build1-cp311-cp311-manylinux_2_17_x86_64.whl', 'python-novaclient-18.2.0.tar.gz', 'x-1!2.0+local.1.zip']
/** Of METADATA: none, one, and what takes a backtracking expression for ever. */
const REQUIRES = ['', '>=3.8, <4', `>=3${' '.repeat(100_000)}x`, `\u001b[2J"><script>`]

export const wheels: Parser = {
  name: 'wheels and their index',
  laws(held) {
    const folder = mkdtempSync(join(tmpdir(), 'wheels-'))
    held.defer(() => rmSync(folder, { recursive: true, force: true }))
    const path = join(folder, 'changed-1.0-py3-none-any.whl')
    const valid = REQUIRES.map((requires, index) => {
      makeWheel(folder, `w${index}`, '1.0', requires)
      return readFileSync(join(folder, `w${index}-1.0-py3-none-any.whl`))
    })
    const ends = valid.flatMap((bytes) => [bytes.length - 22 + 12, bytes.length - 22 + 16, bytes.readUInt32LE(bytes.length - 6), bytes.readUInt32LE(bytes.length - 6) + 20])
    return {
      'any file is a wheel whose Requires-Python is plain text, or refused in words of ours': law(changedBytes(valid, ends), async (bytes) => {
        writeFileSync(path, bytes)
        const requires = await valueOr([Error], async () => {
          try {
            return await readRequiresPython(path)
          } catch (error) {
            // What the machine says of a slip of ours is no refusal.
            assert.match((error as Error).message, /^expected /, String((error as Error).stack))
            throw error
          }
        })
        plain(requires ?? '')
      }),
      'a folder of anything is an index, and its pages hold no markup but ours': law(changedBytes(valid, ends), async (bytes) => {
        writeFileSync(path, bytes)
        const index = await readWheelIndex(folder)
        for (const [project, files] of index.projects) {
          const page = simpleProjectHtml(project, files)
          assert.ok(!/<script/i.test(page) && !/<(?!!DOCTYPE|\/?html|\/?head|meta|\/?title|\/?body|\/?a[ >]|br>)/.test(page))
          JSON.parse(simpleProjectJson(project, files))
        }
        plain(simpleRootHtml(index))
        for (const { reason } of index.skipped) plain(reason)
      }),
      'any name of a file is a distribution or none; its name is one in a folder': law(fc.oneof(changedTexts(NAMES, ['-', '.', '!', '+', '.whl', '..', '/']), texts(NAMES)), (name) => {
        const distribution = parseDistribution(name)
        if (!distribution) return
        assert.match(name, /^[\w.!+-]+$/)
        assert.match(distribution.project, /^[a-z0-9-]+$/)
      }),
    }
  },
}
