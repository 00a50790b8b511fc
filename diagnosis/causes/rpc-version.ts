import type { Cause } from '../cause.ts'
import { proofOf } from '../facts.ts'
import { readAgain } from './edit-guest-config.ts'
import { createAnew } from './prepare-failed.ts'
import { silence } from './silence.ts'

const LINE = /Endpoint does not support RPC version (\S+?)\.?(?: Attempted method: (\w+)|$|\s)/

/** The same line in trove-taskmanager's log is another matter: there its own temporary server has eaten the message (N9). */
export const rpcVersion: Cause = {
  id: 'I7',
  name: 'rpc-version-unsupported',
  title: 'the agent is of another release than its caller: it does not know that version of its API',
  phase: 'prepare',
  shows: 'the agent logs "Endpoint does not support RPC version X. Attempted method: prepare"',
  needs: ['guest'],
  mend: "serve the tree of the control plane's own release",
  find(facts) {
    const line = facts.healthy === true ? undefined : facts.line(LINE, 'agent')
    if (line === undefined) {
      const quiet = facts.saw('guest') ? undefined : silence(facts)
      return quiet && { undecided: 'the agent took a message, and Trove has heard nothing since: it may not know the version of the call', wants: ['guest'], proof: quiet.proof }
    }
    const [, version, method] = LINE.exec(line.text)!
    const tree = facts.evidence.machine?.host_server.source
    return {
      what: `the agent does not know version ${version} of its API, with which it was called${method === undefined ? '' : ` (${method})`}`,
      proof: [proofOf(line)],
      mend: [{ on: 'host', say: `serve the tree of the control plane's release${tree === undefined ? '' : ` from ${tree}`}` }, readAgain(facts), ...createAnew(facts)],
    }
  },
}
