import { collect } from '../diagnosis/collect/collect.ts'
import type { Target } from '../diagnosis/collect/collector.ts'
import type { Evidence, Source } from '../diagnosis/evidence.ts'
import type { Sources } from './diagnose-sources.ts'
import { version } from './version.ts'

/** Milliseconds from the command's start until every look has ended, one way or the other. */
const WITHIN = 8500
const SHORTEST = 1000

/**
 * Looks at one instance everywhere.
 * @param began of the command, as performance.now() tells
 * @param onDone told of each source that has been looked at
 * @param within milliseconds from there on, at most
 */
export async function collectEvidence(target: Target, sources: Sources, began: number, onDone: (source: Source) => void = () => {}, within = WITHIN): Promise<Evidence> {
  const left = Math.max(SHORTEST, Math.round(within - (performance.now() - began)))
  const secrets = [...sources.secrets]
  const evidence = await collect({
    target,
    collectors: sources.collectors.map((collector) => ({ ...collector, deadline: Math.min(collector.deadline, left) })),
    left_out: sources.left_out,
    version: version(),
    now: new Date(),
    secrets,
    onDone(source) {
      // Tokens of the cloud come into being while it is asked; the scrubbing is last and sees them.
      for (const secret of sources.cloud?.secrets ?? []) if (!secrets.includes(secret)) secrets.push(secret)
      onDone(source)
    },
  })
  const name = evidence.name ?? evidence.trove?.instance?.name ?? evidence.record?.view?.name
  return name === undefined ? evidence : { ...evidence, name }
}
