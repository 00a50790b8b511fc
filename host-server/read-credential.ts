import { parseCredential, type Credential } from '../contract/credential.ts'

/**
 * What an Authorization header says. Bearer for everything; Basic (user: instance id, password: its secret) for an unchanged pip,
 * which takes credentials from an index's URL and sends them so.
 * @returns undefined when there is none or it has no form of ours
 */
export function readCredential(header: string | undefined): Credential | undefined {
  const [, scheme, value] = /^(bearer|basic) +([^\s]+) *$/i.exec(header ?? '') ?? []
  if (scheme === undefined || value === undefined) return undefined
  if (scheme.toLowerCase() === 'bearer') return parseCredential(value)
  const [user, ...password] = Buffer.from(value, 'base64').toString('latin1').split(':')
  const credential = parseCredential(`${user}.${password.join(':')}`)
  return credential?.kind === 'instance' ? credential : undefined
}
