import { SOURCES, type Source } from '../diagnosis/evidence.ts'
import { progress, type Step } from './progress.ts'

/** Milliseconds; what is done before shows nothing. */
const SILENT = 2000

/** Whom the look still waits for, on a terminal and only when it takes long. */
export interface LookProgress extends Disposable {
  done(source: Source): void
}

export function lookProgress(name: string, sources: readonly Source[], out: NodeJS.WriteStream = process.stderr): LookProgress {
  const waiting = new Set(sources)
  const text = (): string => `waits for ${[...waiting].map((source) => SOURCES[source]).join(', ')}`
  let step: Step | undefined
  const timer = setTimeout(() => {
    step = progress(out).step(name)
    step.update(text())
  }, SILENT).unref()
  if (!out.isTTY) clearTimeout(timer)
  return {
    done(source) {
      waiting.delete(source)
      if (waiting.size > 0) step?.update(text())
    },
    [Symbol.dispose]() {
      clearTimeout(timer)
      step?.done('looked everywhere')
    },
  }
}
