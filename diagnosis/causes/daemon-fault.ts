import type { Cause, Found, Proof, Suspected } from '../cause.ts'
import type { Facts, Said } from '../facts.ts'

/** The fault that the daemon waits in, when it is one of these (codes of contract/fault.ts). */
export function waitsIn(facts: Facts, ...codes: readonly string[]): Said | undefined {
  const { failing } = facts
  return failing?.code !== undefined && codes.includes(failing.code) ? failing : undefined
}

/** A `find` for what the daemon names by itself: asked only while it waits in one of these faults. */
export function byFault(codes: readonly string[], answer: (said: Said, facts: Facts) => Found | Suspected | undefined): Cause['find'] {
  return (facts) => {
    const said = waitsIn(facts, ...codes)
    return said && answer(said, facts)
  }
}

/** What the daemon said, as proof: its own words, cut for one screen. */
export function saidProof(said: Said): Proof {
  return { ...said.proof, text: said.proof.text.slice(0, 400) }
}
