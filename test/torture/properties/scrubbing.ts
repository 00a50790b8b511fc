import assert from 'node:assert/strict'
import fc from 'fast-check'
import { scrub } from '../../../contract/scrub.ts'
import { clean } from '../../../diagnosis/scrub-evidence.ts'
import { printable } from '../../../diagnosis/printable.ts'
import { changedTexts, texts } from './inputs.ts'
import { law, plain, type Parser } from './law.ts'

const VALID = ['rabbit://user:pass@host/', 'password = hunter2', "IDENTIFIED WITH x BY 'secret'", 'abcdef.0123456789abcdef', '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----', '\u001b]0;title\u0007']
const WORDS = ['://', '@', 'password', 'secret', 'token=', '=', ': ', 'IDENTIFIED BY ', 'SET PASSWORD', '\u001b[', '\u001b]', '-----BEGIN PRIVATE KEY-----']
const anyText = fc.oneof(changedTexts(VALID, WORDS), texts(WORDS))
/** One that is a word of its own and stands in no other rule's way. */
const SECRET = 'c4n4ryS3cret'

export const scrubbing: Parser = {
  name: 'scrubbing',
  laws: () => ({
    'any text is scrubbed, and again to the same': law(anyText, (text) => {
      const once = scrub(text)
      assert.equal(scrub(once), once)
    }),
    'a secret that is known is nowhere left': law(fc.tuple(anyText, anyText), ([before, after]) => assert.ok(!scrub(before + SECRET + after, [SECRET]).includes(SECRET))),
    'a password behind its name is nowhere left': law(fc.tuple(texts(), fc.constantFrom('password=', 'PASSWD: ', 'admin_token = ', '"secret": "', 'rabbit://user:'), texts()), ([before, name, after]) => {
      const text = `${before} ${name}${SECRET}${name.endsWith('"') ? '"' : name.startsWith('rabbit') ? '@host' : ''} ${after}`
      assert.ok(!scrub(text).includes(SECRET), text)
    }),
    'text of strangers is cleaned of what speaks to a terminal': law(anyText, (text) => {
      plain(printable(clean(text, [SECRET])))
    }),
  }),
}
