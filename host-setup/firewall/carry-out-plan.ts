import { carryOut } from '../carry-out.ts'
import type { Run } from '../run-command.ts'
import { tableText, isEmpty } from './nftables/table.ts'
import { digest, listTable, type Plan } from './plan.ts'
import { writeState, type FirewallState } from './state.ts'

/**
 * Does what was planned. What the host was like is remembered before anything is changed, so that it can be put back whatever happens.
 * @param folder the state folder
 * @throws HostError; what was begun is undone then, or said
 */
export async function carryOutPlan(plan: Plan, before: FirewallState, folder: string, run: Run): Promise<void> {
  // What was opened or exposed is remembered until it is closed: whoever is interrupted in between does it again.
  const still = before.exposed.filter((one) => !plan.state.exposed.some(({ address, port }) => address === one.address && port === one.port))
  writeState(folder, { ...before, ...plan.state, exposed: [...plan.state.exposed, ...still] })
  try {
    await carryOut(plan.steps, run)
  } catch (error) {
    writeState(folder, before)
    throw error
  }
  const listing = isEmpty(plan.content) ? undefined : await listTable(run)
  writeState(folder, { ...plan.state, ...(listing === undefined ? {} : { table: { asked: digest(tableText(plan.content)), listed: digest(listing) } }) })
}
