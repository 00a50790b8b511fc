import { printableLines } from '../diagnosis/printable.ts'

const PERIOD_MS = 1000

/**
 * Shows a text again and again until Ctrl-C: over itself on a terminal, elsewhere only when it has changed.
 * A look that fails is shown in place of the text: the server may come back.
 */
export async function watch(look: () => Promise<string>, { inPlace }: { inPlace: boolean }): Promise<void> {
  const stop = new AbortController()
  process.once('SIGINT', () => stop.abort()).once('SIGTERM', () => stop.abort())
  let before = ''
  while (!stop.signal.aborted) {
    const now = await look().catch((error: unknown) => `${printableLines((error as Error).message)}\n`)
    if (inPlace) process.stdout.write(`\x1b[H\x1b[J${now}`)
    else if (changed(before, now)) process.stdout.write(now)
    before = now
    await period(stop.signal)
  }
}

/** Ages count up by themselves; that is no change worth a line. */
function changed(before: string, now: string): boolean {
  const ageless = (text: string) => text.replace(/\b\d+ (s|min|h|d)\b/g, '')
  return ageless(before) !== ageless(now)
}

function period(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, PERIOD_MS)
    signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true })
  })
}
