import type { Progress } from '../../cli/progress.ts'

/** Progress as comments of a test, so that a long run says where it is. */
export function telling(t: { comment(text: string): void }): Progress {
  return {
    step(name) {
      const began = performance.now()
      const end = (mark: string) => (text: string) => t.comment(`${mark} ${name}: ${text} (${((performance.now() - began) / 1000).toFixed(1)} s)`)
      return { update() {}, done: end('✔'), fail: end('✘') }
    },
    say: (line) => t.comment(line),
  }
}
