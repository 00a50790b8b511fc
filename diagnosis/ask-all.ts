import { isFound, PHASES, type Cause, type Found, type Suspected } from './cause.ts'
import type { Finding, Suspicion } from './diagnosis.ts'
import type { Facts } from './facts.ts'

export interface Answers {
  /** The earliest phase first; within a phase in the catalogue's order. */
  readonly found: Finding[]
  readonly suspected: Suspicion[]
  /** Ids of causes that ended with an error. */
  readonly broken: string[]
}

/** Asks every cause. One that stumbles over odd evidence says nothing, and the others are asked all the same. */
export function askAll(facts: Facts, causes: readonly Cause[]): Answers {
  const answers: Answers = { found: [], suspected: [], broken: [] }
  for (const cause of inOrder(causes)) {
    const { id, name, title, phase } = cause
    try {
      const answer = cause.find(facts)
      if (answer === undefined) continue
      if (isFound(answer)) answers.found.push({ id, name, title, phase, ...foundOf(answer) })
      else answers.suspected.push({ id, name, title, phase, ...suspectedOf(answer) })
    } catch {
      answers.broken.push(id)
    }
  }
  return answers
}

/** Stable: what the catalogue puts first within a phase stays first. */
export function inOrder<One extends Pick<Cause, 'phase'>>(causes: readonly One[]): One[] {
  return causes.toSorted((one, other) => PHASES.indexOf(one.phase) - PHASES.indexOf(other.phase))
}

function foundOf({ what, proof, mend }: Found): Found {
  return { what, proof, mend }
}

function suspectedOf({ undecided, wants, proof }: Suspected): Suspected {
  return { undecided, wants, ...(proof === undefined ? {} : { proof }) }
}
