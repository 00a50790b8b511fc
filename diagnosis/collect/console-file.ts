import { clean } from '../scrub-evidence.ts'
import { systemReason } from '../system-reason.ts'
import { CannotSee, type Collector } from './collector.ts'
import { linesFromEnd } from './log-tail.ts'

const BYTES = 4 * 1024 * 1024
/** The end of it, whoever spoke. */
const LAST = 600
/** Lines of our daemon further back: kernel and containers may have said much since. */
const OURS = 1200

/** @param path a file into which a serial console is written */
export function consoleFileCollector(path: string): Collector<'console'> {
  return {
    source: 'console',
    deadline: 3500,
    async collect(_target, { signal }) {
      try {
        return { from: path, lines: await tellingLines(path, signal) }
      } catch (error) {
        throw new CannotSee(`${path}: ${systemReason(error)}`, { cause: error })
      }
    },
  }
}

/** Oldest first. */
async function tellingLines(path: string, signal: AbortSignal): Promise<string[]> {
  const kept: string[] = []
  let seen = 0
  let ours = 0
  for await (const raw of linesFromEnd(path, { bytes: BYTES, signal })) {
    const line = clean(raw, []).trimEnd()
    if (line === '') continue
    const isOurs = line.includes('trovestrap[')
    if (seen++ < LAST || (isOurs && ours < OURS)) kept.push(line)
    if (isOurs) ours++
    if (seen >= LAST && ours >= OURS) break
  }
  return kept.reverse()
}
