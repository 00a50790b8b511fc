import type { Proof } from '../cause.ts'
import { type Facts, proofOf } from '../facts.ts'

/** When it starts: the first with debug on, the second with several workers. */
const STARTED = /Creating RPC server for service trove-conductor|oslo_service\.service .*Starting \d+ workers/
/** Once a message has got through. */
const WRITTEN = /Rec'd message is younger than last seen|Did not find any previous message\. Creating/

/**
 * The newest line of trove-conductor's log that matches and was not overcome: by a start of it, or by a message of an instance that got through.
 * @param of the instance whose success counts; any instance's when left out
 */
export function conductorSaid(facts: Facts, pattern: RegExp, of?: string): Proof | undefined {
  const lines = facts.lines('conductor')
  const good = lines.findLastIndex(({ text }) => STARTED.test(text) || (WRITTEN.test(text) && (of === undefined || text.includes(of))))
  const line = lines.slice(good + 1).findLast(({ text }) => pattern.test(text))
  return line && proofOf(line)
}
