import type { Cause } from '../cause.ts'
import { agentSaid } from './agent-said.ts'
import { readAgain } from './edit-guest-config.ts'

const MISSING = /(?:ModuleNotFoundError|ImportError):? No module named '?([\w.]+)'?/

/** pip was content, the agent is not: a module that no requirement names, or one that was taken away afterwards. */
export const moduleMissing: Cause = {
  id: 'E4',
  name: 'module-missing',
  title: 'the agent imports a Python module that the guest does not have',
  phase: 'start-agent',
  shows: "the agent ends at once with ModuleNotFoundError: No module named '…'",
  needs: ['console', 'record', 'guest'],
  symptomOf: ['B7', 'D7', 'E1', 'E2', 'E3', 'E5'],
  mend: "name the module in the tree's requirements.txt, or put it back into the image",
  find(facts) {
    const proof = agentSaid(facts, MISSING)
    if (proof === undefined) return undefined
    const module = MISSING.exec(proof.text)![1]!
    const ours = module === 'trove' || module.startsWith('trove.')
    const tree = facts.evidence.machine?.host_server.source
    return {
      what: ours ? `the served tree is not whole: the agent finds no ${module} in it` : `the agent finds no Python module ${module}`,
      proof: [proof],
      mend: ours
        ? [{ on: 'host', say: `serve a whole checkout of Trove${tree === undefined ? '' : `: look at ${tree}`}` }, readAgain(facts)]
        : [{ on: 'host', say: `name the package of ${module} in ${tree ?? "the tree's root"}/requirements.txt; the guest then installs it by itself` }, readAgain(facts)],
    }
  },
}
