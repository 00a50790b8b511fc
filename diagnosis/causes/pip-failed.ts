// pip's three ways of failing look alike from outside: no index offers it, two wishes exclude each other, or it would have to be compiled.
import type { Cause, Proof, Step } from '../cause.ts'
import type { Facts, Said } from '../facts.ts'
import { agentSaid } from './agent-said.ts'
import { saidProof, waitsIn } from './daemon-fault.ts'
import { readAgain } from './edit-guest-config.ts'

interface Failure {
  readonly proof: Proof
  readonly requirement: string | undefined
  readonly text: string
  readonly said?: Said
}

/** The daemon's own code, PIP_FAILED with pip's words for it, or pip in the journal of an image that installs by itself. */
function pip(facts: Facts, codes: readonly string[], words: RegExp): Failure | undefined {
  const said = waitsIn(facts, ...codes) ?? [waitsIn(facts, 'PIP_FAILED')].find((one) => words.test(one?.message ?? ''))
  if (said) return { proof: saidProof(said), requirement: said.details['requirement'], text: said.message ?? '', said }
  const proof = agentSaid(facts, words)
  return proof && { proof, requirement: /No matching distribution found for (\S+)/.exec(proof.text)?.[1], text: proof.text }
}

const CONFLICT = /ResolutionImpossible|The user requested \(constraint\)|conflicting dependencies/
const BUILD = /error: command '?\S{0,200}?(?:gcc|cc|clang)\S{0,60}'? failed|\.h: No such file|Failed building wheel for|Could not build wheels/
const INDEX = /No matching distribution found|Could not find a version that satisfies|Retrying \(Retry\(total=|NewConnectionError/
const PYTHON = /requires a different Python|require a different python version|not for this Python/i

export const indexUnreachable: Cause = {
  id: 'E1',
  name: 'requirement-not-offered',
  title: 'no index that the guest can reach offers a Python requirement',
  phase: 'install-requirements',
  shows: "install-requirements fails with REQUIREMENT_NOT_FOUND or INDEX_UNREACHABLE; pip's \"No matching distribution found\"",
  needs: ['console', 'record', 'guest'],
  symptomOf: ['B7', 'C1', 'D2'],
  mend: 'put the wheel into the folder python.wheels of trovestrap.yaml, then: systemctl reload trovestrap-host',
  find(facts) {
    const failure = pip(facts, ['REQUIREMENT_NOT_FOUND', 'INDEX_UNREACHABLE'], INDEX)
    if (failure === undefined || CONFLICT.test(failure.text) || BUILD.test(failure.text)) return undefined
    const { host, port } = failure.said?.details ?? {}
    const index = host === undefined ? 'no index that has what the tree requires' : `the index at ${host}:${port} not at all`
    const what = failure.requirement === undefined ? `pip in the guest reaches ${index}` : `no index offers ${failure.requirement}${PYTHON.test(failure.text) ? " for this image's Python" : ''}`
    return { what, proof: [failure.proof], mend: wheelOrLine(facts, failure.requirement) }
  },
}

export const requirementConflict: Cause = {
  id: 'E2',
  name: 'requirements-conflict',
  title: 'requirements and constraints of the tree exclude each other',
  phase: 'install-requirements',
  shows: "install-requirements fails with REQUIREMENT_CONFLICT; pip's ResolutionImpossible",
  needs: ['console', 'record', 'guest'],
  symptomOf: ['B7'],
  mend: "give python.constraints the upper-constraints.txt of the tree's own branch",
  find(facts) {
    const failure = pip(facts, ['REQUIREMENT_CONFLICT'], CONFLICT)
    if (failure === undefined) return undefined
    const constraint = failure.said?.details['constraint'] ?? failure.requirement
    const which = constraint === undefined ? '' : ` (${constraint})`
    return {
      what: `the constraints forbid what the tree requires${which}`,
      proof: [failure.proof],
      mend: [{ on: 'host', say: "give python.constraints in trovestrap.yaml the upper-constraints.txt of the tree's own branch" }, readAgain(facts)],
    }
  },
}

export const wheelNotBuilt: Cause = {
  id: 'E3',
  name: 'wheel-not-built',
  title: 'a requirement would have to be compiled, and the image cannot',
  phase: 'install-requirements',
  shows: "install-requirements fails with WHEEL_NOT_BUILT; pip's \"error: command 'gcc' failed\" or \"Failed building wheel for\"",
  needs: ['console', 'record', 'guest'],
  symptomOf: ['B7'],
  mend: 'put a wheel built for this image into python.wheels; an image needs no compiler then',
  find(facts) {
    const failure = pip(facts, ['WHEEL_NOT_BUILT'], BUILD)
    if (failure === undefined) return undefined
    return { what: `${failure.requirement ?? 'a requirement'} has no wheel for this image and cannot be compiled there`, proof: [failure.proof], mend: wheelOrLine(facts, failure.requirement) }
  },
}

function wheelOrLine(facts: Facts, requirement: string | undefined): Step[] {
  const wheel = requirement === undefined ? 'the wheels of requirements.txt' : `a wheel of ${requirement}`
  const tree = facts.evidence.machine?.host_server.source
  return [
    { on: 'host', say: `put ${wheel} into the folder python.wheels of trovestrap.yaml${tree === undefined ? '' : `, or correct the line in ${tree}/requirements.txt`}` },
    readAgain(facts),
  ]
}
