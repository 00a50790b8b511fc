// The share of `npm test`: the real stages against a real host-server behind a relay. Disk, clock and addresses are this process's to break; what
// a virtual machine alone has (a kernel, pip, an agent) is told.
import type { Report } from '../../contract/report.ts'
import { bringUp } from '../../guest-bootstrap/engine.ts'
import { closeConnections } from '../../guest-bootstrap/machine/real-http.ts'
import { reporter } from '../../guest-bootstrap/reports/reporter.ts'
import { bringUpStages } from '../../guest-bootstrap/stages.ts'
import { bad, processConditions, type ProcessCondition } from './guest-faults-process-conditions.ts'
import { breakableGuest } from './guest-faults-process-guest.ts'
import type { Held } from './guest-faults.ts'
import { relayHost, type RelayHost } from './relay-host.ts'
import type { TortureRun } from './torture.ts'

/** Milliseconds after which a guest that is still not ready counts as one that never will be. */
const READY_MS = 60_000

export async function inProcess({ random, say }: TortureRun): Promise<Held[]> {
  await using stack = new AsyncDisposableStack()
  // Large enough for a transfer to have a middle.
  const place = await relayHost(stack, { bytes: 400_000 })
  const outcomes: Held[] = []
  for (const [number, condition] of processConditions(random).entries()) {
    const outcome = await hold({ ...place, number }, condition)
    say(`${outcome.name}: ${outcome.trouble ?? `${outcome.said ?? 'not held'}; ready ${outcome.seconds!.toFixed(1)} s after`}`)
    outcomes.push(outcome)
  }
  return outcomes
}

interface Place extends RelayHost {
  /** Of the condition: each has a guest of its own. */
  readonly number: number
}

async function hold({ host, token, relay, number }: Place, condition: ProcessCondition): Promise<Held> {
  await using stack = new AsyncDisposableStack()
  closeConnections()
  relay.become(condition.link ?? {})
  const world = bad({ host, relay })
  const guest = await breakableGuest(stack, { url: `https://127.0.0.1:${relay.port}`, host, token, number, world, hurry: 20 })
  let said: Report | undefined
  let lifted = performance.now()
  const lift = async (): Promise<void> => {
    await condition.lift?.(world)
    lifted = performance.now()
  }
  const hear = (report: Report): void => {
    if (condition.when?.(report)) condition.apply?.(world)
    if (said !== undefined || !report.fault || !condition.says?.(report)) return
    said = report
    void lift().catch(() => {})
  }
  const watching = condition.after?.(world, relay.toClient)
  try {
    if (condition.when === undefined) condition.apply?.(world)
    const ready = bringUp(bringUpStages, guest, { announce: reporter(guest, [hear]), chance: () => 0 })
    await Promise.race([ready, late(stack, world)])
    if (condition.says && !said) throw new Error('it became ready and never said what held it')
    const words = said && `${said.stage} ${said.fault!.code} ${said.fault!.message}`.slice(0, 120)
    return { name: condition.name, seconds: Math.max(0, performance.now() - lifted) / 1000, ...(words === undefined ? {} : { said: words }) }
  } catch (error) {
    return { name: condition.name, trouble: (error as Error).message }
  } finally {
    watching?.abort()
    relay.release()
    if (world.hostStopped) await host.start()
  }
}

async function late(stack: AsyncDisposableStack, world: { ended: boolean }): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    world.ended = true
    reject(new Error(`not ready within ${READY_MS / 1000} s`))
  }, READY_MS)
  stack.defer(() => clearTimeout(timer))
  return await promise
}
