import type { Cause } from '../cause.ts'
import { agentSaid } from './agent-said.ts'
import { editForGuests } from './edit-guest-config.ts'

const LINE = /Failed to login the container registry/

export const registryLogin: Cause = {
  id: 'H5',
  name: 'registry-login-failed',
  title: 'the agent cannot log in to the container registry, and ends',
  phase: 'start-agent',
  shows: 'the agent ends with "Failed to login the container registry, error: …" before it ever speaks to RabbitMQ',
  needs: ['guest', 'console', 'record'],
  symptomOf: ['H6', 'C1', 'C4'],
  mend: 'correct container_registry and its credentials under [guest_agent], or give guests a way to the registry',
  find(facts) {
    const proof = agentSaid(facts, LINE)
    if (proof === undefined) return undefined
    const registry = facts.option('guest_agent', 'container_registry')?.value ?? facts.evidence.machine?.guest_config?.options['container_registry']
    const away = /dial tcp|no such host|connection refused|i\/o timeout|ConnectionError|Max retries/.test(proof.text)
    const name = registry === undefined ? 'the container registry' : `the registry ${registry}`
    return {
      what: away ? `the guest does not reach ${name}, and the agent ends because it cannot log in` : `${name} refuses the agent's login`,
      proof: [proof],
      mend: editForGuests(facts, away ? `give guests a way to ${name}, or correct container_registry under [guest_agent]` : 'correct container_registry_username and container_registry_password under [guest_agent]'),
    }
  },
}
