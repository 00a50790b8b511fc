import type { Progress } from '../cli/progress.ts'

/** What it brings, and a line that says what came of it. */
type StepBody<T> = (tell: (text: string) => void) => Promise<readonly [T, string]>

/** Steps of something that takes long; one that throws is told of as failed. */
export function stepsOf(progress: Progress) {
  return async <T>(name: string, body: StepBody<T>): Promise<T> => {
    const step = progress.step(name)
    try {
      const [value, text] = await body(step.update)
      step.done(text)
      return value
    } catch (error) {
      step.fail('failed')
      throw error
    }
  }
}
