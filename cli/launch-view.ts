import { standingOf, type Sight } from '../instances/follow/sight.ts'
import { stageLines, stageText } from './bring-up-view.ts'
import type { Row } from './live-rows.ts'

const NAME_WIDTH = 22

/** An instance that comes up: what Trove and Nova say of it, and our stages, as far as they are heard. */
export function sightRows(sight: Sight): Row[] {
  const { trove, server, reports, heardBy } = sight
  const standing = standingOf(sight)
  return [
    row('trove', standing === 'ready' ? '✔' : standing === 'under way' ? '⠼' : '✘', 'Trove', trove === undefined ? 'has no such instance' : [trove.status, trove.operating, trove.fault].filter((word) => word !== undefined && word !== '').join(' · ')),
    server === undefined
      ? row('nova', '·', 'Nova', 'no server is seen yet', true)
      : row('nova', server.status === 'ACTIVE' ? '✔' : server.status === 'ERROR' ? '✘' : '⠼', 'Nova', [server.status, server.task, server.fault].filter((word) => word !== undefined).join(' · ')),
    heardBy === undefined ? row('guest', '·', 'guest', 'nothing is heard of it yet', true) : row('guest', '✔', 'guest', `heard by ${heardBy}`),
    ...stageLines(reports).map((line) => ({ key: line.stage, text: `  ${stageText(line)}`, idle: line.state === 'waiting' })),
  ]
}

function row(key: string, mark: string, name: string, text: string, idle = false): Row {
  return { key, text: `${mark} ${name.padEnd(NAME_WIDTH)} ${text}`, idle }
}
