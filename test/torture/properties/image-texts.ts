import assert from 'node:assert/strict'
import fc from 'fast-check'
import { checkImage } from '../../../image-builder/check/check-image.ts'
import { explainFindings } from '../../../image-builder/check/explain.ts'
import { meets } from '../../../image-builder/check/version-specifier.ts'
import { readRecord } from '../../../image-builder/plan/read-record.ts'
import { surveyImage } from '../../../image-builder/plan/survey.ts'
import { parseAttributeNames, parsePairs, parseStats } from '../../../image-builder/libguestfs/parse.ts'
import { ImageRefusal } from '../../../image-builder/refusal.ts'
import { memoryTree, type Entries } from '../../image-builder/check/memory-tree.ts'
import { FACTS, FOREIGN, GOOD } from '../../image-builder/check/planted.ts'
import { changedTexts, texts } from './inputs.ts'
import { law, plain, valueOr, type Parser } from './law.ts'

const WORDS = [':', '\n', 'root:', ':0:0:', '[Service]\n', '[Install]\n', 'ExecStart=', '\\\n', '%i', '- ', 'users:\n', '{', '&a ', '*a', '-> ', 'datasource_list: ', '$6$x$', '{'.repeat(3000)]
/** Two good images in which nobody has a password: to try them is a program's work, and a test's of its own. */
const IMAGES = [GOOD, FOREIGN].map((entries): Entries => ({ ...entries, '/etc/shadow': withContent(entries['/etc/shadow'], 'root:*:1::::::\ndaemon:*:1::::::\ntrove:!*:::::::\nann:!:::::::\n') }))
/** Content of each of their files that has a text; links among them. */
const CONTENTS = IMAGES.map((entries) => Object.entries(entries).flatMap(([path, entry]) => {
  const content = typeof entry === 'object' && !Buffer.isBuffer(entry) ? entry.content : entry
  return typeof content === 'string' ? [[path, content] as const] : []
}))
const spoiled = fc.tuple(fc.constantFrom(0, 1), fc.array(fc.nat(), { minLength: 1, maxLength: 4 })).chain(([kind, picks]) => {
  const files = picks.map((pick) => CONTENTS[kind]![pick % CONTENTS[kind]!.length]!)
  return fc.tuple(...files.map(([, content]) => fc.oneof({ weight: 4, arbitrary: changedTexts([content], WORDS) }, { weight: 1, arbitrary: texts(WORDS) }))).map((contents): Entries => {
    const base = IMAGES[kind]!
    return { ...base, ...Object.fromEntries(files.map(([path], index) => [path, withContent(base[path], contents[index]!)])) }
  })
})

export const imageTexts: Parser = {
  name: 'texts in images',
  laws: () => ({
    'an image with anything in its files is checked to the end': law(spoiled, async (entries) => {
      const findings = await valueOr([ImageRefusal], () => checkImage(memoryTree(entries), FACTS))
      plain(explainFindings('image.qcow2', findings ?? []))
    }),
    'and can be built upon, or is refused': law(spoiled, async (entries) => {
      await valueOr([ImageRefusal], () => surveyImage(memoryTree(entries)))
      await valueOr([ImageRefusal], () => readRecord(memoryTree(entries)))
    }),
    'any python_requires is met, not met, or not understood': law(fc.oneof(changedTexts(['>=3.8,<4', '!=3.9.*', '~=3.6', '===3.11'], [',', '>=', '.*', '3']), texts(['>=', '3.8'])), (text) => {
      assert.ok([true, false, undefined].includes(meets(text, [3, 11])))
    }),
    'what guestfish prints is read to its end': law(texts(['[0] = {\n', 'st_ino: 1\n', '}\n', '  attrname: ', 'a', ': ', '/dev/sda1: ext4\n', '\n']), (text) => {
      parseAttributeNames(Buffer.from(text))
      parsePairs(Buffer.from(text))
      try {
        parseStats(Buffer.from(text))
      } catch (error) {
        assert.match((error as Error).message, /^guestfish printed no st_/)
      }
    }),
  }),
}

function withContent(entry: Entries[string], content: string): Entries[string] {
  return typeof entry === 'object' && !Buffer.isBuffer(entry) ? { ...entry, content } : content
}
