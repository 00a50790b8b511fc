import { createHash } from 'node:crypto'
import { Type } from 'typebox'

const FORM = /^(ssh-ed25519|ecdsa-sha2-nistp(256|384|521)|ssh-rsa) [A-Za-z0-9+/]{40,2000}={0,2}$/

/** A public host key of an SSH server, as sshd keeps it in `ssh_host_*_key.pub`: type and key, without the comment. */
export const HostKey = Type.String({ pattern: FORM.source })
export type HostKey = Type.Static<typeof HostKey>

/** One of each type, and room for a change. */
export const HostKeys = Type.Array(HostKey, { maxItems: 8 })

/** Of a line of a `.pub` file. @returns undefined where it is no key that we know */
export function hostKeyOf(line: string): HostKey | undefined {
  const key = line.trim().split(/\s+/).slice(0, 2).join(' ')
  return FORM.test(key) ? key : undefined
}

/** As ssh-keygen -l shows it: `SHA256:…`. */
export function fingerprintOf(key: HostKey): string {
  const [, blob = ''] = key.split(' ')
  return `SHA256:${createHash('sha256').update(Buffer.from(blob, 'base64')).digest('base64').replace(/=+$/, '')}`
}
