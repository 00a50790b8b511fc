import type { Step } from '../command.ts'
import { HostError } from '../host-error.ts'
import type { Run } from '../run-command.ts'
import { firewalld } from './firewalld/firewalld.ts'
import { nftables } from './nftables/nftables.ts'
import { ufw } from './ufw/ufw.ts'
import type { Wish } from './wish.ts'

export const BACKENDS = ['nftables', 'firewalld', 'ufw'] as const
export type BackendName = (typeof BACKENDS)[number]

/** A firewall by which a host is kept. */
export interface Backend {
  readonly name: BackendName
  /** What our own nftables table does for guests beside it. Neither firewalld nor ufw can masquerade one network out of one interface by a command of theirs. */
  readonly table: 'everything' | 'masquerade'
  /** The table whose drops this firewall keeps and `steps` opens; other tables' drops are in the way. */
  readonly keeps?: { readonly family: string; readonly name: string }
  /** Whether it is in charge of this host. */
  isActive(run: Run): Promise<boolean>
  /**
   * What is left to type until it lets through what is wished, and nothing else of ours; with undefined, until nothing of ours is there.
   * @throws HostError when it cannot be done without touching what is not ours
   */
  steps(wish: Wish | undefined, run: Run): Promise<Step[]>
}

const ALL: Readonly<Record<BackendName, Backend>> = { nftables, firewalld, ufw }

export function backendOf(name: BackendName): Backend {
  return ALL[name]
}

/** firewalld and ufw where they are active: they would not know of what goes past them. @throws HostError when there is none */
export async function detectBackend(run: Run): Promise<Backend> {
  for (const backend of [firewalld, ufw, nftables]) if (await backend.isActive(run)) return backend
  throw new HostError('neither firewalld nor ufw is active here, and there is no nft\n  apt install nftables')
}
