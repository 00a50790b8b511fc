import { createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto'
import { Type } from 'typebox'

/** Signed bytes. The signature is checked before the payload is looked at, so only the signer's JSON is ever parsed. */
export const Envelope = Type.Object({
  /** Which key signed: `keyId` of it. */
  key: Type.String({ maxLength: 64 }),
  /** base64 */
  payload: Type.String(),
  /** Ed25519 over the payload's bytes, base64. */
  signature: Type.String({ maxLength: 128 }),
})
export type Envelope = Type.Static<typeof Envelope>

/** A public signing key as it travels: Ed25519, SubjectPublicKeyInfo in DER, base64. */
export const SigningKey = Type.Object({ id: Type.String({ maxLength: 64 }), spki: Type.String({ maxLength: 200 }) })
export type SigningKey = Type.Static<typeof SigningKey>

/** @param pem PKCS#8, Ed25519 */
export function seal(payload: Buffer, pem: string, key: string): Envelope {
  const signature = sign(null, payload, createPrivateKey(pem))
  return { key, payload: payload.toString('base64'), signature: signature.toString('base64') }
}

/** @returns the payload's bytes, or undefined when none of the keys signed them. */
export function open(envelope: Envelope, keys: readonly SigningKey[]): Buffer | undefined {
  const payload = Buffer.from(envelope.payload, 'base64')
  const signature = Buffer.from(envelope.signature, 'base64')
  const signed = keys.some((key) => key.id === envelope.key && verify(null, payload, publicKey(key), signature))
  return signed ? payload : undefined
}

function publicKey(key: SigningKey): KeyObject {
  return createPublicKey({ key: Buffer.from(key.spki, 'base64'), format: 'der', type: 'spki' })
}
