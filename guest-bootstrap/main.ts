import { useTheCpu } from './spare-the-cpu.ts'
import { realSystem } from './machine/real-system.ts'
import { closeConnections } from './machine/real-http.ts'
import { agentFailed } from './agent-failed.ts'
import { bringUp } from './engine.ts'
import { follow } from './follow/follow.ts'
import { forget, MEMORY, recall } from './memory.ts'
import { consoleOutlet } from './reports/console-outlet.ts'
import { hostOutlet } from './reports/host-outlet.ts'
import { journalOutlet } from './reports/journal-outlet.ts'
import { renewCredential } from './renew-credential.ts'
import { reporter } from './reports/reporter.ts'
import { bringUpStages } from './stages.ts'
import { UNITS } from '../contract/paths.ts'

/** Seconds that the last reports may take. */
const LAST_WORDS = 5

// What is made for the agent has to be readable for it, whatever umask the unit has.
process.umask(0o022)

const system = realSystem()
if (process.argv[2] === 'agent-failed') process.exit(await agentFailed(system, [journalOutlet, consoleOutlet()]))
if (process.argv[2] === 'renew-credential') process.exit(await renewCredential(system, { journal: journalOutlet, console: consoleOutlet() }))

// How the agent ends is for this daemon to say, until the agent is heard.
for (const place of [MEMORY.heard, MEMORY.told]) forget(system.files, place)
const host = hostOutlet(system)
const announce = reporter(system, [journalOutlet, consoleOutlet(), host.outlet])
let untilAgent = ''

await bringUp(bringUpStages, system, {
  announce(event) {
    if (event.stage === 'start-agent' && event.state === 'done') untilAgent = ownCost()
    announce(event)
  },
  chance: Math.random,
})
announce({ stage: 'ready', state: 'done', attempt: 1, note: `${UNITS.agent} is heard; up after ${system.clock.uptime().toFixed(0)} s; ${ownCost()}; until the agent was started ${untilAgent}` })
await host.flush(LAST_WORDS)
if (recall(system.files, MEMORY.followed)) {
  useTheCpu()
  await follow(system, { announce, chance: Math.random })
}
closeConnections()
// A timer or socket that is still open must not keep a Node process in the guest.
process.exit(0)

/** What the daemon itself has used in this run, without the programs it started. */
function ownCost(): string {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage()
  return `own CPU ${((userCPUTime + systemCPUTime) / 1e6).toFixed(1)} s, peak ${Math.round((maxRSS * 1024) / 1e6)} MB`
}
