import type { HostKey } from '../../../contract/host-key.ts'

/** How to log in to a guest. */
export interface SshAccess {
  readonly user: string
  /** The key's own text (OpenSSH or PEM, without a passphrase), not a path. */
  readonly privateKey?: string
  readonly password?: string
  /** Socket of an ssh-agent: `$SSH_AUTH_SOCK`. */
  readonly agent?: string
  /** Absent: the address that others know the guest by. */
  readonly host?: string
  readonly port: number
  /** Through this machine, with the same key, password or agent. */
  readonly jump?: { readonly host: string; readonly port: number; readonly user: string; readonly hostKeys?: readonly HostKey[] }
  /** From inside this network namespace of this host: `qrouter-…`, `qdhcp-…`. Takes root. */
  readonly netns?: string
  /** Of these the other side has to show one. Absent: any is taken, see `logIn`. */
  readonly hostKeys?: readonly HostKey[]
}

/** An access whose address is known. */
export type SshTarget = SshAccess & { readonly host: string }

/** For people: `debug@10.0.0.5:22 through root@jump:22 from namespace qdhcp-…`. */
export function viaText({ user, host, port, jump, netns }: SshTarget): string {
  const through = jump === undefined ? '' : ` through ${jump.user}@${placeText(jump)}`
  return `${user}@${placeText({ host, port })}${through}${netns === undefined ? '' : ` from namespace ${netns}`}`
}

export function placeText({ host, port }: { readonly host: string; readonly port: number }): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`
}
