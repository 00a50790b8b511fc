import { generateKeyPairSync } from 'node:crypto'
import t from 'tap'
import { open, seal, type SigningKey } from '../../contract/envelope.ts'

const payload = Buffer.from('{"format":1}')

function pair(id: string): { pem: string; key: SigningKey } {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  return {
    pem: String(privateKey.export({ type: 'pkcs8', format: 'pem' })),
    key: { id, spki: publicKey.export({ type: 'spki', format: 'der' }).toString('base64') },
  }
}

t.test('what was sealed opens with the key that sealed it', async (t) => {
  const { pem, key } = pair('k1')
  t.same(open(seal(payload, pem, 'k1'), [pair('k0').key, key]), payload)
})

t.test('a changed payload, a changed signature, another key or no key opens nothing', async (t) => {
  const { pem, key } = pair('k1')
  const sealed = seal(payload, pem, 'k1')
  t.equal(open({ ...sealed, payload: Buffer.from('{"format":2}').toString('base64') }, [key]), undefined)
  t.equal(open({ ...sealed, signature: Buffer.alloc(64).toString('base64') }, [key]), undefined)
  t.equal(open({ ...sealed, signature: '' }, [key]), undefined)
  t.equal(open(sealed, [pair('k1').key]), undefined)
  t.equal(open({ ...sealed, key: 'k2' }, [key]), undefined)
  t.equal(open(sealed, []), undefined)
})
