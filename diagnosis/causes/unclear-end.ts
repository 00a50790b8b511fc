import type { Suspected } from '../cause.ts'
import type { Facts } from '../facts.ts'
import { agentSaid } from './agent-said.ts'

/** What a command that failed leaves as the last line of a traceback: not which command, nor why. */
const COMMAND = /ProcessExecutionError: Unexpected error while running command\.?$/

/** The agent ended with a command that failed, and which one only its journal tells. */
export function unclearEnd(facts: Facts, undecided: string): Suspected | undefined {
  const proof = facts.saw('guest') ? undefined : agentSaid(facts, COMMAND)
  return proof && { undecided: `the agent ended because a command failed: ${undecided}`, wants: ['guest'], proof: [proof] }
}
