import t from 'tap'
import { formatCredential, parseCredential } from '../../contract/credential.ts'

const instance = '5b2d1f3e-0000-4000-8000-1234567890ab'
const secret = 'A'.repeat(43)

t.test('each kind of credential is known by its form and reads back as it was written', async (t) => {
  const texts = { bootstrap: 'abcdef.0123456789abcdef', instance: `${instance}.${secret}`, operator: `operator.${secret}` }
  for (const [kind, text] of Object.entries(texts)) {
    const credential = parseCredential(text)
    t.equal(credential?.kind, kind)
    t.equal(formatCredential(credential!).reveal(), text)
  }
})

t.test('a text of another form is no credential', async (t) => {
  const others = [
    '',
    '.',
    'abcdef',
    'abcdef.',
    'ABCDEF.0123456789abcdef',
    'abcdef.0123456789abcdef ',
    'abcdef.0123456789abcdeg0',
    `${instance.toUpperCase()}.${secret}`,
    `${instance}.${secret}A`,
    `operator.${secret.slice(1)}`,
    `root.${secret}`,
    `${instance}.${secret}\n`,
  ]
  for (const text of others) t.equal(parseCredential(text), undefined, JSON.stringify(text))
})
