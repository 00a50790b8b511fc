import { diskTrouble } from '../disk-trouble.ts'
import { renderGuestConfig } from '../guest-config/render.ts'
import type { Settings } from '../settings.ts'
import { takeSnapshot, type Snapshot } from '../snapshot.ts'
import type { Offer } from './offer.ts'
import { readWheelIndex, type WheelIndex } from '../wheels/read-index.ts'

/** Named as in the configuration file. */
export type Part = 'source' | 'guest_config' | 'python'

export interface Problem {
  readonly part: Part
  /** What was expected, what came, what mends it. */
  readonly message: string
}

/** Everything that guests get, as read at one time. A part that is absent could not be read, and `problems` says why. */
export interface Gathered {
  readonly snapshot?: Snapshot
  /** Of that snapshot, or the previous one, signed with the key of now. */
  readonly manifest?: Offer['manifest']
  readonly config?: string
  readonly wheels?: WheelIndex
  readonly problems: readonly Problem[]
  /** What is not wrong enough to keep from serving. */
  readonly warnings: readonly Problem[]
}

type Previous = Pick<Gathered, 'snapshot' | 'wheels'>

export interface GatherOptions {
  /** What did not change since is given back and not read again. */
  readonly previous?: Previous
  /** See SnapshotOptions. */
  readonly quiet?: number
}

/**
 * Reads source, guest config and wheels. Never throws for what an operator can mend: all of it is in `problems`, not the first alone.
 * @param content folder for packs
 * @param sign see signManifest
 */
export async function gather(settings: Settings, content: string, sign: (snapshot: Snapshot) => Promise<Offer['manifest']>, { previous = {}, quiet }: GatherOptions = {}): Promise<Gathered> {
  const problems: Problem[] = []
  const warnings: Problem[] = []
  const attempt = async <T>(part: Part, read: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await read()
    } catch (error) {
      const trouble = diskTrouble(error)
      problems.push({ part, message: trouble === undefined ? (error as Error).message : `the disk of ${content} ${trouble}` })
      return undefined
    }
  }
  const snapshot = await attempt('source', () =>
    takeSnapshot(settings.source, settings.python, content, {
      ...(previous.snapshot === undefined ? {} : { previous: previous.snapshot }),
      ...(quiet === undefined ? {} : { quiet }),
    }),
  )
  // The tree of before too: the key may be another.
  const last = snapshot ?? previous.snapshot
  const manifest = last && (await attempt('source', () => sign(last)))
  const rendered = await attempt('guest_config', () => renderGuestConfig(settings.guest_config))
  for (const finding of rendered?.findings ?? []) {
    const list = finding.level === 'error' ? problems : warnings
    list.push({ part: 'guest_config', message: `[${finding.section}] ${finding.option}: ${finding.message}; ${finding.mend}` })
  }
  const config = problems.some(({ part }) => part === 'guest_config') ? undefined : rendered?.text
  const wheels = await attempt('python', () => readWheelIndex(settings.python.wheels, previous.wheels))
  for (const { file, reason } of wheels?.skipped ?? []) warnings.push({ part: 'python', message: `${file} is not served: ${reason}` })
  return {
    ...(snapshot === undefined ? {} : { snapshot }),
    ...(manifest === undefined ? {} : { manifest }),
    ...(config === undefined ? {} : { config }),
    ...(wheels === undefined ? {} : { wheels }),
    problems,
    warnings,
  }
}
