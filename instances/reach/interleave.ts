import type { LogLine } from './log-line.ts'

/** Milliseconds in which lines of several logs gather, so that they come in the order of their time. */
const GATHER = 300

/** The newest `most` of all, in the order of their time; of the same moment in the order in which they came. */
export function newest(lines: readonly LogLine[], most: number): LogLine[] {
  return [...lines].sort((a, b) => a.at - b.at).slice(-most)
}

/** For logs that go on: what comes within a moment is put in order, and told. */
export function interleaved(tell: (line: LogLine) => void): { add(line: LogLine): void; flush(): void } {
  let waiting: LogLine[] = []
  let timer: NodeJS.Timeout | undefined
  const flush = (): void => {
    clearTimeout(timer)
    timer = undefined
    const ready = newest(waiting, waiting.length)
    waiting = []
    ready.forEach(tell)
  }
  return {
    add(line) {
      waiting.push(line)
      timer ??= setTimeout(flush, GATHER)
    },
    flush,
  }
}
