import { viaText, type SshTarget } from '../../diagnosis/collect/ssh/access.ts'
import { openSsh, type SshSession } from '../../diagnosis/collect/ssh/open-ssh.ts'

/** Milliseconds that a way may take: an emulated guest is slow to exchange keys. */
const WITHIN = 30_000

export interface Reached {
  readonly way: SshTarget
  readonly session: SshSession
}

/** No way led in; `reasons` has one for each. */
export class NotReached extends Error {
  override readonly name = 'NotReached'
  readonly reasons: readonly string[]

  constructor(reasons: readonly string[]) {
    super(reasons.length === 0 ? 'no address of the guest is known' : reasons.join('; '))
    this.reasons = reasons
  }
}

/**
 * Tries all ways side by side and takes the first that leads in; what the others have opened is closed.
 * @throws NotReached
 */
export async function reach(ways: readonly SshTarget[], signal: AbortSignal = AbortSignal.timeout(WITHIN)): Promise<Reached> {
  const enough = new AbortController()
  const tries = ways.map(async (way): Promise<Reached> => {
    const session = await openSsh(way, AbortSignal.any([signal, enough.signal]))
    if (enough.signal.aborted) await session[Symbol.asyncDispose]()
    else enough.abort()
    return { way, session }
  })
  try {
    return await Promise.any(tries)
  } catch (error) {
    const reasons = (error as AggregateError).errors.map((one, at) => withWay((one as Error).message, ways[at]!))
    throw new NotReached(reasons)
  }
}

/** Reasons name the place; the way is named where it is no plain one. */
function withWay(reason: string, way: SshTarget): string {
  return way.netns === undefined && way.jump === undefined ? reason : `${reason} (${viaText(way)})`
}
