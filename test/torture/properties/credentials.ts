import assert from 'node:assert/strict'
import { inspect } from 'node:util'
import fc from 'fast-check'
import { formatCredential, parseCredential, type Credential } from '../../../contract/credential.ts'
import { Secret } from '../../../contract/secret.ts'
import { readCredential } from '../../../host-server/read-credential.ts'
import { changedTexts, texts } from './inputs.ts'
import { law, type Parser } from './law.ts'

const VALID = ['abcdef.0123456789abcdef', '5b2d1f3e-0000-4000-8000-0000000000aa.' + 'x'.repeat(43), 'operator.' + '-_'.repeat(21) + 'z']
const anyText = fc.oneof(changedTexts(VALID, ['operator', '.']), texts(VALID))

const letters = (alphabet: string, length: number) => fc.string({ unit: fc.constantFrom(...alphabet), minLength: length, maxLength: length })
const base36 = (length: number) => letters('abcdefghijklmnopqrstuvwxyz0123456789', length)
const secret = letters('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-', 43).map((text) => new Secret(text))
const anyCredential: fc.Arbitrary<Credential> = fc.oneof(
  fc.tuple(base36(6), base36(16)).map(([id, text]) => ({ kind: 'bootstrap' as const, id, secret: new Secret(text) })),
  fc.tuple(fc.uuid(), secret).map(([instance, secret]) => ({ kind: 'instance' as const, instance, secret })),
  secret.map((secret) => ({ kind: 'operator' as const, secret })),
)

export const credentials: Parser = {
  name: 'credentials and Authorization',
  laws: () => ({
    'any text is a credential or none, and one that is read is written as it was': law(anyText, (text) => {
      const credential = parseCredential(text)
      if (credential) assert.equal(formatCredential(credential).reveal(), text)
    }),
    'what is written is read back': law(anyCredential, (credential) => {
      const back = parseCredential(formatCredential(credential).reveal())
      assert.deepEqual([back?.kind, back?.secret.reveal()], [credential.kind, credential.secret.reveal()])
    }),
    'no credential shows its secret by itself': law(anyCredential, (credential) => {
      const shown = [inspect(credential), JSON.stringify(credential), String(credential.secret), `${credential.secret}`]
      for (const text of shown) assert.ok(!text.includes(credential.secret.reveal()))
    }),
    'any header is a credential or none, and Basic opens nothing but an instance': law(fc.tuple(fc.constantFrom('Bearer ', 'basic ', 'BASIC  ', ''), anyText, fc.boolean()), ([scheme, text, encoded]) => {
      const value = encoded ? Buffer.from(text.replace('.', ':')).toString('base64') : text
      const credential = readCredential(scheme + value)
      if (credential && /^basic/i.test(scheme)) assert.equal(credential.kind, 'instance')
    }),
  }),
}
