// The daemon as it stands in a guest, from its start to the verified tree in place, in a root folder of its own: the same stages, engine,
// reports, bundler and Node. It says on stdout what it would say to the journal. Then each line on stdin has it look again, as a daemon does
// that runs already; the end of stdin ends it.
import '../guest-bootstrap/spare-the-cpu.ts'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { GUEST } from '../contract/paths.ts'
import { bringUp } from '../guest-bootstrap/engine.ts'
import { closeConnections } from '../guest-bootstrap/machine/real-http.ts'
import { realSystem } from '../guest-bootstrap/machine/real-system.ts'
import { consoleOutlet } from '../guest-bootstrap/reports/console-outlet.ts'
import { hostOutlet } from '../guest-bootstrap/reports/host-outlet.ts'
import { journalOutlet } from '../guest-bootstrap/reports/journal-outlet.ts'
import { reporter } from '../guest-bootstrap/reports/reporter.ts'
import { bringUpStages } from '../guest-bootstrap/stages.ts'
import type { System } from '../guest-bootstrap/system.ts'

const LAST_WORDS = 5

process.umask(0o022)
const root = process.argv[2]!
const system = withAddress(realSystem(root))
const host = hostOutlet(system)
const announce = reporter(system, [journalOutlet, consoleOutlet(join(root, GUEST.console)), host.outlet])
const untilFetched = bringUpStages.slice(0, bringUpStages.findIndex(({ name }) => name === 'fetch') + 1)
const fetch = untilFetched.at(-1)!

await bringUp(untilFetched, system, { announce, chance: Math.random })
const { maxRSS } = process.resourceUsage()
process.stdout.write(`peak ${maxRSS * 1024}\n`)
for await (const _ of createInterface({ input: process.stdin })) {
  if ((await fetch.done(system)) === false) await fetch.run(system)
  process.stdout.write('again\n')
}
await host.flush(LAST_WORDS)
closeConnections()
process.exit(0)

/** A machine without a network reaches its own loopback all the same. */
function withAddress(system: System): System {
  return { ...system, addresses: () => [...system.addresses(), { name: 'lo', address: '127.0.0.1' }] }
}
