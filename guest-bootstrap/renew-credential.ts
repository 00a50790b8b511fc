// `guest-bootstrap.mjs renew-credential`: a timer runs it once a day. The daemon ends when the agent is heard, and a guest runs for
// months; so this is what keeps its credential alive. It looks once, renews in the second half of the credential's life, and ends.
import type { Report } from '../contract/report.ts'
import { Fault } from '../contract/fault.ts'
import type { Event } from './engine.ts'
import { faultOf } from './fault-of.ts'
import { credential } from './host.ts'
import { forget, MEMORY, recall, remember } from './memory.ts'
import { reporter, type Outlet } from './reports/reporter.ts'
import { tellHost } from './reports/tell-host.ts'
import { enrol, isDue } from './stages/enrol.ts'
import { findHost } from './stages/network.ts'
import type { System } from './system.ts'

export interface RenewalOutlets {
  readonly journal: Outlet
  readonly console: Outlet
}

/**
 * Says nothing where there is nothing to do, a success in the journal, a failure everywhere, and also everywhere that it is over.
 * All of it is said of the stage `ready`: that is where the guest stands, and its agent runs on whatever comes of this.
 *
 * @returns the exit status: 1 when a credential that should be renewed was not
 */
export async function renewCredential(system: System, { journal, console }: RenewalOutlets): Promise<number> {
  const { files, clock } = system
  const enrolment = recall(files, MEMORY.enrolment)
  // A guest that came up without its host was never let in, and one whose disk was copied is another instance: both are the daemon's.
  if (enrolment === undefined || enrolment.instance !== recall(files, MEMORY.identity)?.instance) return 0
  if (enrolment.granted && !isDue(enrolment.granted, clock.now())) return 0

  const event = await renewed(system)
  // The last word is then of an agent that has ended, and whoever waits for its database needs that one.
  if (recall(files, MEMORY.told)) return event.fault ? 1 : 0
  const before = recall(files, MEMORY.unrenewed)
  const isNews = event.fault !== undefined || before !== undefined
  const fresh: Report[] = []
  reporter(system, [journal, ...(isNews ? [console, (report: Report) => fresh.push(report)] : [])])(event)
  await tellHost(system, fresh)
  if (event.fault) remember(files, MEMORY.unrenewed, { failures: (before?.failures ?? 0) + 1 })
  else forget(files, MEMORY.unrenewed)
  return event.fault ? 1 : 0
}

async function renewed(system: System): Promise<Event> {
  try {
    await findHost(system)
    return { stage: 'ready', state: 'done', attempt: 1, note: `renewed: ${await askAnew(system)}` }
  } catch (error) {
    return { stage: 'ready', state: 'failed', attempt: (recall(system.files, MEMORY.unrenewed)?.failures ?? 0) + 1, fault: faultOf(error) }
  }
}

/** A credential that has expired opens nothing, not even its own renewal; the bootstrap token does, as long as it lives. */
async function askAnew(system: System): Promise<string | undefined> {
  const own = credential(system)
  try {
    return await enrol.run(system)
  } catch (error) {
    if (own === undefined || !(error instanceof Fault && error.code === 'CREDENTIAL_REFUSED')) throw error
    return enrol.run(system)
  }
}
