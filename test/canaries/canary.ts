import { createPrivateKey } from 'node:crypto'
import { parseCredential } from '../../contract/credential.ts'

/** A secret that was planted or made, and is looked for wherever it must not be. */
export interface Canary {
  readonly name: string
  readonly bytes: Buffer
}

/** Bytes from which on half a secret is one: shorter ones turn up by chance. */
const LEAST = 12

/** @throws Error for one that is too short to be told from chance */
export function canary(name: string, value: string | Buffer): Canary {
  const bytes = Buffer.from(value)
  if (bytes.length < LEAST) throw new Error(`expected a canary of ${LEAST} bytes or more as ${name}, got ${bytes.length}`)
  return { name, bytes }
}

/** What is secret of a private key: the public half stands beside it in the same PEM, and in certificates. */
export function keyCanary(name: string, pem: string): Canary {
  return canary(name, Buffer.from(createPrivateKey(pem).export({ format: 'jwk' }).d!, 'base64url'))
}

/** Of a bootstrap token; its first six characters are its name, which is told. */
export const tokenCanary = (name: string, token: string): Canary => canary(name, parseCredential(token)!.secret.reveal())

/** @returns for each canary that stands in these bytes: its name, and as what; halves count */
export function tracesOf(canaries: readonly Canary[], bytes: Buffer): string[] {
  return canaries.flatMap(({ name, bytes: secret }) => {
    const found = needlesOf(secret).find(({ needle }) => bytes.includes(needle))
    return found === undefined ? [] : [`${name} (${found.form})`]
  })
}

interface Needle {
  readonly form: string
  readonly needle: Buffer
}

const known = new Map<string, Needle[]>()

function needlesOf(secret: Buffer): Needle[] {
  const key = secret.toString('latin1')
  if (!known.has(key)) known.set(key, partsOf(secret).flatMap(formsOf))
  return known.get(key)!
}

function partsOf(secret: Buffer): Buffer[] {
  const half = Math.ceil(secret.length / 2)
  return secret.length < 2 * LEAST ? [secret] : [secret.subarray(0, half), secret.subarray(half)]
}

function formsOf(part: Buffer): Needle[] {
  const text = part.toString('utf8')
  const forms: [string, string | Buffer][] = [['as it is', part], ['hex', part.toString('hex')], ['HEX', part.toString('hex').toUpperCase()]]
  if (Buffer.from(text).equals(part)) forms.push(...written(text))
  for (const begin of [0, 1, 2]) {
    const base64 = inBase64(part, begin)
    forms.push(['base64', base64], ['base64url', base64.replaceAll('+', '-').replaceAll('/', '_')])
  }
  return forms.map(([form, needle]) => ({ form, needle: Buffer.from(needle) }))
}

function written(text: string): [string, string][] {
  const percent = encodeURIComponent(text)
  const json = JSON.stringify(text).slice(1, -1)
  return [['percent-encoded', percent], ['percent-encoded twice', encodeURIComponent(percent)], ['in JSON', json], ['in JSON in JSON', JSON.stringify(json).slice(1, -1)]]
}

/** The characters that do not depend on what stands before and behind it. @param begin how many bytes into a group of three it begins */
function inBase64(part: Buffer, begin: number): string {
  const whole = Buffer.concat([Buffer.alloc(begin), part]).toString('base64').replace(/=+$/, '')
  const end = Math.floor(((begin + part.length) * 8) / 6)
  return whole.slice(Math.ceil((begin * 8) / 6), end)
}
