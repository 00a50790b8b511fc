import { createHash } from 'node:crypto'
import { shortRevision } from '../../contract/manifest.ts'
import { UNITS } from '../../contract/paths.ts'
import { configFiles } from '../agent-config.ts'
import { agentStart, type AgentStart } from '../agent/agent-start.ts'
import { installUnit, systemctl } from '../agent/install-unit.ts'
import { dropIn, environmentFile } from '../agent/unit-files.ts'
import { unitState } from '../agent/unit-state.ts'
import { MEMORY, recall, remember } from '../memory.ts'
import type { Stage } from '../stage.ts'
import type { System } from '../system.ts'

/** The agent's own unit, as its own user, from the fetched tree. */
export const startAgent: Stage = {
  name: 'start-agent',
  purpose: "start the Trove agent's unit from the fetched tree",

  async done(system) {
    if (recall(system.files, MEMORY.started)?.digest !== digest(system, agentStart(system))) return false
    // `activating` is an agent that ended and is about to be started again; confirm says why.
    return ['active', 'activating', 'reloading'].includes((await unitState(system)).active)
  },

  async run(system) {
    const { files } = system
    const start = agentStart(system)
    await installUnit(system, start)
    // Whatever start limit an earlier agent ran into no longer counts.
    await system.run('systemctl', ['reset-failed', UNITS.agent])
    await systemctl(system, ['restart', UNITS.agent])
    remember(files, MEMORY.started, { digest: digest(system, start) })
    return `${UNITS.agent} as ${start.user.name} from ${shortRevision(start.tree.split('/').at(-1)!)} with ${start.python}`
  },
}

/** Of all that a running agent has read at its start. */
function digest({ files }: System, start: AgentStart): string {
  const hash = createHash('sha256').update(environmentFile(start) + dropIn(start))
  for (const path of configFiles(files)) hash.update(`${path}\0`).update(files.bytes(path) ?? '')
  return hash.update(JSON.stringify(recall(files, MEMORY.installed))).digest('hex')
}
