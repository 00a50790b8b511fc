import type { Facts, PlacedLine } from '../facts.ts'

/**
 * The newest console line that matches and that no word of the daemon follows: what stood before it was overcome. Of a guest that said
 * nothing, the newest at all.
 */
export function lastOnConsole(facts: Facts, pattern: RegExp): PlacedLine | undefined {
  const lines = facts.lines('console')
  const at = lines.findLastIndex(({ text }) => pattern.test(text))
  const spoke = lines.findLastIndex(({ text }) => /trovestrap\[\d+\]: stage=/.test(text))
  return at > spoke ? lines[at] : undefined
}
