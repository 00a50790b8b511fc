import type { Cause, Proof } from '../cause.ts'
import type { Facts } from '../facts.ts'
import { agentSaid } from './agent-said.ts'
import { agentRestart } from './amqp-target.ts'
import { unclearEnd } from './unclear-end.ts'

/** The agent calls groupadd first, so that is what its line blames; the reason stands behind it. */
export const SUDO = /sudo: (?:a (?:password|terminal) is required|PERM_|.*(?:not allowed|not in the sudoers|no tty|must be setuid|command not found))|PermissionError: .*'sudo'|FileNotFoundError: .*'sudo'|is not in the sudoers file|no new privileges/

/** Seconds for `sudo -n true`; a name that does not resolve costs each of the agent's hundred commands that much. */
const SLOW = 5

export const sudoRefused: Cause = {
  id: 'H4',
  name: 'agent-sudo-refused',
  title: "the agent's user may not use sudo, or sudo is very slow",
  phase: 'start-agent',
  shows: 'the agent ends with "sudo: a password is required"; its steps take tens of seconds where the host name does not resolve',
  needs: ['guest', 'console', 'record'],
  mend: "put back /etc/sudoers.d/trovestrap-agent: trovestrap image build; NOPASSWD for an agent's user of your own",
  find(facts) {
    const proof = agentSaid(facts, SUDO) ?? refusedNow(facts)
    if (proof === undefined) return unclearEnd(facts, 'its user may not use sudo')
    const slow = /^slow: /.test(proof.text)
    return {
      what: slow ? `sudo in the guest is slow: ${proof.text.slice(0, 120)}` : "the agent's user may not run the agent's commands through sudo",
      proof: [proof],
      mend: slow
        ? [{ on: 'guest', run: 'echo "127.0.1.1 $(hostname)" | sudo tee -a /etc/hosts' }]
        : [
            { on: 'guest', run: 'sudo ls -l /etc/sudoers.d' },
            { on: 'image', say: 'build the image again: trovestrap image build puts the sudo rule of the agent in' },
            { on: 'guest', run: agentRestart(facts) },
          ],
    }
  },
}

/** sudo asked directly, while the agent is not connected. */
function refusedNow({ evidence, agentConnected }: Facts): Proof | undefined {
  const { guest } = evidence
  if (guest === undefined || agentConnected !== false) return undefined
  const { agent_sudo: agent, sudo } = guest
  if (agent?.ok === false) return { source: 'guest', where: "guest, sudo as the agent's user", text: agent.said ?? 'refused' }
  if (sudo?.ok === true && sudo.seconds >= SLOW) return { source: 'guest', where: 'guest, sudo -n true', text: `slow: ${sudo.seconds.toFixed(0)} s${sudo.said === undefined ? '' : `, ${sudo.said}`}` }
  return undefined
}
