import type { CollectContext } from './collector.ts'

/** The instance's server: Trove knows it, or Nova has found it. */
export async function serverId({ seenBy }: CollectContext): Promise<string | undefined> {
  return (await seenBy('trove'))?.instance?.compute_instance_id ?? (await seenBy('nova'))?.server?.id
}
