import type { Cause } from '../cause.ts'
import { agentSaid } from './agent-said.ts'
import { saidProof, waitsIn } from './daemon-fault.ts'

export const pythonManaged: Cause = {
  id: 'E5',
  name: 'python-externally-managed',
  title: "the distribution forbids pip in the system's Python, and the image cannot make a venv",
  phase: 'install-requirements',
  shows: 'install-requirements fails with PYTHON_MANAGED; pip\'s "error: externally-managed-environment"',
  needs: ['console', 'record', 'guest'],
  symptomOf: ['B8'],
  mend: 'apt-get install python3-venv in the image',
  find(facts) {
    const said = waitsIn(facts, 'PYTHON_MANAGED')
    const proof = said ? saidProof(said) : agentSaid(facts, /externally-managed-environment/)
    if (proof === undefined) return undefined
    return {
      what: "pip may not write into the system's Python (PEP 668), and python3-venv is not in the image",
      proof: [proof],
      mend: [
        { on: 'guest', run: 'sudo apt-get install -y python3-venv' },
        { on: 'image', say: 'build the next image with python3-venv in it' },
      ],
    }
  },
}
