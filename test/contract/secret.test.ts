import { inspect } from 'node:util'
import pino from 'pino'
import t from 'tap'
import { Secret } from '../../contract/secret.ts'

const canary = 'canary-3f1c'

t.test('a secret shows itself in no way of printing', async (t) => {
  const secret = new Secret(canary)
  const lines: string[] = []
  pino({ level: 'trace' }, { write: (line: string) => lines.push(line) }).info({ secret, deep: { list: [secret] } }, `${secret}`)
  const printed = [`${secret}`, secret + '', JSON.stringify({ secret }), inspect({ secret }, { showHidden: true, depth: 9 }), ...lines]
  for (const text of printed) {
    t.notMatch(text, canary)
    t.match(text, '[secret]')
  }
  t.equal(secret.reveal(), canary)
})

t.test('a secret matches its own digest and no other text', async (t) => {
  const secret = new Secret(canary)
  t.equal(secret.matches(secret.sha256()), true)
  t.equal(secret.matches(new Secret('other').sha256()), false)
  t.equal(secret.matches(''), false)
  t.equal(secret.matches('zz'), false)
})

t.test('a random secret has 256 bits and never comes twice', async (t) => {
  t.equal(Buffer.from(Secret.random().reveal(), 'base64url').length, 32)
  t.not(Secret.random().reveal(), Secret.random().reveal())
})
