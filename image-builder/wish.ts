import type { Secret } from '../contract/secret.ts'

/** What somebody wants built; nothing in it has been looked at yet. */
export interface Wish {
  /** qcow2 or raw; never changed. */
  readonly base: string
  /** qcow2 that appears whole or not at all. */
  readonly out: string
  /** OUT may be replaced. */
  readonly force?: boolean
  /** Where host-server may be, `https://host:port`, in the order to try. */
  readonly urls: readonly string[]
  /** PEM of the CA that the guest trusts, and no other. */
  readonly ca: string
  /** Bootstrap token, `id.secret`. */
  readonly token: Secret
  /** As whom the Trove agent runs; made when the image does not have it. */
  readonly agentUser: string
  readonly debugUser?: DebugUser
  /** The one-file guest daemon. */
  readonly bundle: { readonly code: Buffer; readonly sha256: string }
  /** Another Node binary than the pinned one. */
  readonly node?: string
  /** Of Trovestrap, for the build record. */
  readonly version: string
}

/** Somebody who may log in on the serial console and over SSH and become root; there is none unless asked for. */
export interface DebugUser {
  readonly name: string
  /** Lines of an authorized_keys file. */
  readonly sshKeys: readonly string[]
  /** crypt(5), such as `$6$…`. */
  readonly passwordHash?: string
}

/** Where the builder tells what it does; each name is told once, with what came out. */
export interface Progress {
  begin(step: string): void
  update(text: string): void
  done(text: string): void
}

export interface BuildResult {
  readonly out: string
  /** Bytes of OUT as a file. */
  readonly size: number
  /** Bytes put into the image. */
  readonly payload: number
  /** Seconds. */
  readonly took: number
  readonly os: string
  readonly architecture: Architecture
  /** One line each. */
  readonly changes: readonly string[]
  readonly warnings: readonly string[]
}

export type Architecture = 'x64' | 'arm64'
