import assert from 'node:assert/strict'
import fc from 'fast-check'
import { Value } from 'typebox/value'
import { GuestSeen } from '../../../diagnosis/guest-seen.ts'
import { sectionsOf, wholeOf } from '../../../diagnosis/collect/guest/sections.ts'
import { guestSeen } from '../../../diagnosis/collect/guest/see.ts'
import { sudoOf } from '../../../diagnosis/collect/guest/sudo.ts'
import { scrubEvidence } from '../../../diagnosis/scrub-evidence.ts'
import { transcript } from '../../diagnosis/collect/guest/stand-in.ts'
import { overwrites, overwritten, texts } from './inputs.ts'
import { law, type Parser } from './law.ts'

const BOUNDARY = '@BOUNDARY@'
const TALKS = (['user', 'root', 'root-aside', 'network'] as const).map((name) => transcript(name))
/** Names of the sections, so that what is random comes to their readers, too. */
const NAMES = [...new Set(TALKS.flatMap((talk) => [...sectionsOf(Buffer.from(talk, 'latin1'), BOUNDARY).keys()]))].filter((name) => name !== '')
const LINES = [...new Set(TALKS.join('\n').split('\n'))].filter((line) => line.length < 300)

const replaced = fc.array(fc.tuple(fc.nat(), fc.oneof(fc.constantFrom(...LINES), texts(LINES.slice(0, 60)))), { maxLength: 5 })
const changedTalk = fc.tuple(fc.constantFrom(...TALKS), replaced, overwrites([])).map(([talk, changes, bytes]) => {
  const lines = talk.split('\n')
  for (const [at, line] of changes) lines[at % lines.length] = line
  return overwritten(Buffer.from(lines.join('\n'), 'latin1'), bytes)
})
const drawnTalk = fc.array(fc.tuple(fc.constantFrom(...NAMES), texts(LINES)), { maxLength: 8 }).map((parts) => Buffer.from(parts.map(([name, text]) => `\n${BOUNDARY} ${name}\n${text}`).join('')))

export const guestsAnswers: Parser = {
  name: "a guest's answers over SSH",
  laws: () => ({
    'whatever a guest prints is evidence by its schema': law(fc.oneof(changedTalk, drawnTalk), (talk) => {
      const sections = sectionsOf(talk, BOUNDARY)
      const sudo = sudoOf(sections, talk.toString('latin1').slice(0, 300), { ended: true, answers: sections.has('end'), waited: 1 })
      const seen = guestSeen('debug@10.0.0.5:22', { sections, whole: new Set(wholeOf(sections)), sudo, missing: [] })
      const evidence = scrubEvidence(seen as never, []) as unknown
      const fault = Value.Errors(GuestSeen, evidence)[0]
      assert.ok(fault === undefined, `${fault?.instancePath} ${fault?.message}`)
    }),
  }),
}
