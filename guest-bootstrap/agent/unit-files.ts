import { FOREIGN_AGENT_UNITS, GUEST, UNITS } from '../../contract/paths.ts'

export const ENVIRONMENT = `${GUEST.runtime}/agent.env`
export const DROP_IN = `/run/systemd/system/${UNITS.agent}.d/50-source.conf`

export interface AgentStart {
  readonly user: string
  readonly python: string
  /** The tree by its revision, not by the live link: a swap must not mix two versions in one process. */
  readonly tree: string
  /** What pbr shall believe of the tree's version. */
  readonly version: string
  /** Whether the tree is a checkout with its own starter. */
  readonly starter: boolean
}

export function environmentFile({ tree, version }: AgentStart): string {
  const values = { PYTHONPATH: tree, PYTHONUNBUFFERED: '1', ...(/^[\w.+!-]+$/.test(version) ? { PBR_VERSION: version } : {}) }
  return Object.entries(values).map(([name, value]) => `${name}=${value}\n`).join('')
}

export function dropIn({ user, python, tree, starter }: AgentStart): string {
  const main = starter ? `${tree}/contrib/trove-guestagent` : `-c "import sys; sys.path.insert(0, '${tree}'); from trove.cmd.guest import main; sys.exit(main())"`
  return `# Written by ${UNITS.guest} in every boot.
[Unit]
# Two agents with one guest_id would share the queue and each see half of the calls.
Conflicts=${FOREIGN_AGENT_UNITS.join(' ')}

[Service]
User=${user}
ExecStart=
ExecStart=${python} ${main} --config-dir=${GUEST.confDir}
`
}
