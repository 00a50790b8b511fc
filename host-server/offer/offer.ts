import type { Piece } from './cut-pack.ts'
import type { WheelIndex } from '../wheels/read-index.ts'

/** What the host hands out now. Replaced as a whole by a reload, so no answer mixes two. */
export interface Offer {
  readonly manifest: {
    readonly revision: string
    readonly etag: string
    /** The envelope as JSON; signed once for all guests. */
    readonly body: string
    /** The same as zstd, compressed once for all guests. */
    readonly zstd: Buffer
    /** Its zstd pack, and what that consists of. */
    readonly pack: { readonly sha256: string; readonly pieces: readonly Piece[] }
  }
  /** Packs by their digest; those of the revisions before too, for guests that are in the middle of one. */
  readonly content: ReadonlyMap<string, string>
  readonly config: { readonly etag: string; readonly text: string }
  readonly wheels: WheelIndex
  /** Parts whose last reload failed, so that an older one is handed out. */
  readonly stale: readonly string[]
}
