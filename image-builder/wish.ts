import type { Secret } from '../contract/secret.ts'
import type { Change } from './change.ts'
import type { WayName } from './way.ts'

/** What somebody wants built; nothing in it has been looked at yet. */
export interface Wish {
  /** qcow2 or raw; never changed. */
  readonly base: string
  /** The files that BASE needs below it, nearest first. What BASE itself names is never opened. */
  readonly backing?: readonly string[]
  /** qcow2 that appears whole or not at all. */
  readonly out: string
  /** OUT may be replaced. */
  readonly force?: boolean
  /** Where host-server may be, `https://host:port`, in the order to try. */
  readonly urls: readonly string[]
  /** PEM of the CA that the guest trusts, and no other. */
  readonly ca: string
  /** Bootstrap token, `id.secret`; none for clouds that inject it. */
  readonly token?: Secret
  /** As whom the Trove agent runs; made when the image does not have it. */
  readonly agentUser: string
  readonly debugUser?: DebugUser
  /** The one-file guest daemon. */
  readonly bundle: { readonly code: Buffer; readonly sha256: string }
  /** Another Node binary than the pinned one. */
  readonly node?: string
  /** Of Trovestrap, for the build record. */
  readonly version: string
  /** Takes this way and no other; chosen by what the image is when left out. */
  readonly way?: WayName
  readonly grow?: Growth
  /** Opens a LUKS image: a file that holds the key and nothing else. */
  readonly keyFile?: string
  /** Clears what belongs to one machine: machine-id, host keys, cloud-init's and Trove's leftovers, logs, histories. */
  readonly sysprep?: boolean
  readonly prebake?: Prebake
}

/** How large the disk shall be. */
export interface Growth {
  readonly bytes: number
  /** On top of what it has. */
  readonly added: boolean
}

/** The source tree and the wheels, so that a guest comes up without its host. */
export interface Prebake {
  /** Of the source tree. */
  readonly revision: string
  /** For people: where the tree comes from. */
  readonly description: string
  /** Folders before what lies in them. */
  readonly changes: readonly Change[]
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

export type Architecture = 'x64' | 'arm64'
