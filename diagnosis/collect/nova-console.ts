import type { Cloud } from '../../openstack/cloud.ts'
import { consoleOutput } from '../../openstack/nova.ts'
import { clean } from '../scrub-evidence.ts'
import { CannotSee, type Collector } from './collector.ts'
import { seeThroughApi } from './see-through-api.ts'
import { serverId } from './server-id.ts'

// Trove and Nova are waited for first.
const DEADLINE = 9_000

/** Lines of evidence at most. */
const MOST = 2000

/** The end of the serial console, as Nova keeps it. */
export function novaConsoleCollector(cloud: Cloud): Collector<'console'> {
  return {
    source: 'console',
    deadline: DEADLINE,
    collect: (_target, context) =>
      seeThroughApi(DEADLINE, context.signal, async (patience) => {
        const id = await serverId(context)
        if (id === undefined) throw new CannotSee('no server of this instance is known')
        const lines = linesOf(await consoleOutput(cloud, id, MOST, patience))
        if (lines.length === 0) throw new CannotSee(`Nova's console of server ${id} is empty: it has not begun to boot, or does not write to its serial port`)
        return { from: 'Nova', lines }
      }),
  }
}

/** Plain lines, newest last; those that are nothing but escapes and spaces are left away. */
function linesOf(output: string): string[] {
  const lines = output.split(/\n|\r(?=.)/).map((line) => clean(line, []).trimEnd())
  return lines.filter((line) => line !== '').slice(-MOST)
}
