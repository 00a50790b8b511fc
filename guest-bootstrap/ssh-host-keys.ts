import { hostKeyOf, type HostKey } from '../contract/host-key.ts'
import type { Files } from './system.ts'

/** sshd's own places; cloud-init and sshd's first start make what lies there. */
const PLACES = ['ed25519', 'ecdsa', 'rsa'].map((type) => `/etc/ssh/ssh_host_${type}_key.pub`)

/** Public host keys of this guest; none where it has no sshd, or none yet. Whatever cannot be read is no key: nothing waits for it. */
export function sshHostKeys(files: Files): HostKey[] {
  try {
    return PLACES.flatMap((path) => hostKeyOf(files.text(path) ?? '') ?? [])
  } catch {
    return []
  }
}
