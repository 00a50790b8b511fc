import { prebake } from '../host-server/prebake.ts'
import { SnapshotError } from '../host-server/snapshot.ts'
import { WheelsError } from '../host-server/wheels/read-index.ts'
import type { Settings } from '../host-server/settings.ts'
import { ImageRefusal } from '../image-builder/refusal.ts'
import type { Prebake } from '../image-builder/wish.ts'

/** What `--prebake` puts into an image: the configured source tree and wheels. @throws ImageRefusal when they cannot be read */
export async function prebakeFrom(settings: Settings, signal?: AbortSignal): Promise<Prebake> {
  try {
    return await prebake(settings, signal)
  } catch (cause) {
    if (cause instanceof SnapshotError || cause instanceof WheelsError) throw new ImageRefusal(cause.message, { cause })
    throw cause
  }
}
