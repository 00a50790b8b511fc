import { GUEST } from '../../../contract/paths.ts'
import { REBUILD, type Check } from '../finding.ts'
import type { Unit } from '../unit.ts'

/** Two agents with one guest_id take each other's messages. */
export const sideBySide: Check = {
  id: 'B6',
  looksFor: 'two Trove agents that start at boot',
  async find({ agent, foreignUnits }) {
    const starting = foreignUnits.filter((unit) => unit.enabled && !unit.masked && unit.path !== undefined && !standsBehind(unit))
    if (starting.length < (agent === 'ours' ? 1 : 2)) return []
    const names = starting.map(({ name }) => name).join(' and ')
    return [
      {
        id: 'B6',
        code: 'two-agents',
        level: 'error',
        what: agent === 'ours' ? `${names} starts at boot beside our daemon: two agents with one guest_id take each other's messages` : `${names} both start at boot: they take each other's messages`,
        mend: agent === 'ours' ? `${REBUILD}, which puts it behind ours; or systemctl mask ${starting[0]!.name} in the image` : `systemctl disable ${starting[1]!.name} in the base image`,
        path: starting[0]!.path!,
      },
    ]
  },
}

/** As the builder does it: the unit starts only where our daemon is not. */
function standsBehind(unit: Unit): boolean {
  return unit.values('Unit', 'ConditionPathExists').includes(`!${GUEST.node}`)
}
