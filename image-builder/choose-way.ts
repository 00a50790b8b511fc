import { direct } from './direct/direct.ts'
import { NotThisWay } from './refusal.ts'
import type { Change } from './change.ts'
import type { OpenImage, Say, WayName, WorkImage } from './way.ts'

export interface WayOptions {
  /** Takes this way and no other. */
  readonly way?: WayName | undefined
  /** Bytes that the disk shall have. */
  readonly grow?: number | undefined
  readonly say?: Say
}

/** An image that was opened one way or the other. */
export interface ReachedImage extends OpenImage {
  /** For people: `direct`, or `libguestfs, because the direct way cannot: its system is on XFS`. */
  way(): string
}

/**
 * Reaches into an image: directly where that can be, through libguestfs where not, also when it turns out just before the first change.
 * @throws ImageRefusal when no way, or the one asked for, can
 */
export async function reachInto(work: WorkImage, { way, grow, say }: WayOptions = {}): Promise<ReachedImage> {
  const options = { grow, ...(say ? { say } : {}) }
  let because: string | undefined
  let image: OpenImage
  const throughLibguestfs = async (reason: string | undefined) => {
    because = reason
    if (reason !== undefined) say?.(`libguestfs, because ${reason}`)
    const { libguestfs } = await import('./libguestfs/libguestfs.ts')
    return await libguestfs.open(work, options)
  }
  if (way === 'libguestfs') image = await throughLibguestfs(undefined)
  else image = await direct.open(work, options).catch(async (error: unknown) => await throughLibguestfs(reasonToTurn(error, way)))
  return {
    get tree() {
      return image.tree
    },
    get space() {
      return image.space
    },
    get description() {
      return image.description
    },
    way: () => (because === undefined ? (way ?? 'direct') : `libguestfs, because the direct way cannot: ${because}`),
    async apply(changes: readonly Change[], tell?: Say) {
      try {
        await image.apply(changes, tell)
      } catch (error) {
        const reason = reasonToTurn(error, way)
        await image[Symbol.asyncDispose]()
        image = await throughLibguestfs(reason)
        await image.apply(changes, tell)
      }
    },
    [Symbol.asyncDispose]: () => image[Symbol.asyncDispose](),
  }
}

/** Why the direct way cannot. @throws the error itself when the other way would not help, or may not be taken */
function reasonToTurn(error: unknown, way: WayName | undefined): string {
  if (!(error instanceof NotThisWay) || way === 'libguestfs') throw error
  if (way === 'direct') throw new NotThisWay(`the direct way cannot: ${error.message}. Leave out --way direct, or type: --way libguestfs`, { cause: error })
  return error.message
}
