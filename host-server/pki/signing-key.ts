import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto'
import type { SigningKey } from '../../contract/envelope.ts'

/** @returns a new Ed25519 key, PKCS#8 in PEM: the key that signs manifests */
export function makeSigningKey(): string {
  return generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
}

/** @returns the public half as it travels; its id is the digest's first 16 hexadecimal digits */
export function publicSigningKey(privatePem: string): SigningKey {
  const spki = createPublicKey(createPrivateKey(privatePem)).export({ type: 'spki', format: 'der' })
  return { id: createHash('sha256').update(spki).digest('hex').slice(0, 16), spki: spki.toString('base64') }
}
