import t from 'tap'
import { makeSigningKey } from '../../host-server/pki/signing-key.ts'
import { canary, keyCanary, tracesOf } from './canary.ts'

const SECRET = 'Canary&"1"@rabbit/Ümlaut'
const bird = canary('bird', SECRET)

t.test('a canary is found as whatever it was written', async (t) => {
  const json = JSON.stringify(SECRET)
  const forms = {
    plain: SECRET,
    percent: encodeURIComponent(SECRET),
    'percent twice': encodeURIComponent(encodeURIComponent(SECRET)),
    json,
    'json in json': JSON.stringify(json),
    hex: Buffer.from(SECRET).toString('hex'),
    HEX: Buffer.from(SECRET).toString('hex').toUpperCase(),
    half: SECRET.slice(0, 13),
    'other half': SECRET.slice(12),
  }
  for (const [name, text] of Object.entries(forms)) t.equal(tracesOf([bird], Buffer.from(`before ${text} behind`)).length, 1, name)
  for (const before of ['', 'a', 'ab']) {
    for (const form of ['base64', 'base64url'] as const) t.equal(tracesOf([bird], Buffer.from(`x ${Buffer.from(`${before}${SECRET}:rest`).toString(form)}`)).length, 1, `${form} behind ${before.length}`)
  }
})

t.test('where there is none, none is found', async (t) => {
  t.same(tracesOf([bird], Buffer.from(`${SECRET.slice(0, 11)} ${SECRET.slice(-10)}`)), [])
  t.throws(() => canary('egg', 'too short'), { message: /12 bytes or more as egg, got 9/ })
})

t.test('of a private key the private half is the canary', async (t) => {
  const pem = makeSigningKey()
  const key = keyCanary('key', pem)
  t.same(tracesOf([key], Buffer.from(pem)), ['key (base64)'])
  t.equal(key.bytes.length, 32)
})
