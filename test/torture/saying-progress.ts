import type { Progress } from '../../cli/progress.ts'

/** The lab's progress as lines of a torture. */
export function sayingProgress(say: (line: string) => void): Progress {
  return { step: (name) => ({ update() {}, done: (text) => say(`${name}: ${text}`), fail: (text) => say(`${name}: ${text}`) }), say }
}
