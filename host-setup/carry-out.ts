import { typed, type Command, type Step } from './command.ts'
import { HostError } from './host-error.ts'
import type { Run } from './run-command.ts'

/**
 * Types the steps, one after the other. Where one fails, those before it are taken back, the newest first.
 * @throws HostError that says which failed, and what could not be taken back
 */
export async function carryOut(steps: readonly Step[], run: Run): Promise<void> {
  const done: Step[] = []
  for (const step of steps) {
    try {
      await run(step)
      done.push(step)
    } catch (error) {
      const left = await takeBack(done, run)
      const end = left.length === 0 ? 'nothing is left of what was begun' : `this is left of what was begun, and is undone by\n${left.map((command) => `  ${typed(command)}`).join('\n')}`
      throw new HostError(`${(error as Error).message}; ${end}`, 'failed', { cause: error })
    }
  }
}

/** Takes back as much as possible. @returns what could not be typed */
async function takeBack(done: readonly Step[], run: Run): Promise<Command[]> {
  const left: Command[] = []
  for (const { undo } of [...done].reverse()) {
    if (undo === undefined) continue
    try {
      await run(undo)
    } catch {
      left.push(undo)
    }
  }
  return left
}
