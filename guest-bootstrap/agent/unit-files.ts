import { FOREIGN_AGENT_UNITS, GUEST, UNITS } from '../../contract/paths.ts'
import { agentEnvironment, type AgentStart } from './agent-start.ts'

export const ENVIRONMENT = `${GUEST.runtime}/agent.env`
export const DROP_IN = `/run/systemd/system/${UNITS.agent}.d/50-source.conf`

export function environmentFile(start: AgentStart): string {
  return Object.entries(agentEnvironment(start)).map(([name, value]) => `${name}=${value}\n`).join('')
}

export function dropIn({ user, python, tree, starter, follows }: AgentStart): string {
  const main = starter ? `${tree}/contrib/trove-guestagent` : `-c "import sys; sys.path.insert(0, '${tree}'); from trove.cmd.guest import main; sys.exit(main())"`
  return `# Written by ${UNITS.guest} in every boot.
[Unit]
# Two agents with one guest_id would share the queue and each see half of the calls.
Conflicts=${FOREIGN_AGENT_UNITS.join(' ')}

[Service]
User=${user.name}
ExecStart=
ExecStart=${python} ${main} --config-dir=${GUEST.confDir}
${follows ? 'TimeoutStopSec=200ms\n' : ''}`
}
