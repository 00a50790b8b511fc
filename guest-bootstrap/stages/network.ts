import { Fault } from '../../contract/fault.ts'
import { GUEST } from '../../contract/paths.ts'
import { ROUTES } from '../../contract/routes.ts'
import { clockOff } from '../clock-off.ts'
import { isAway, leastWait } from '../host.ts'
import { hostFault } from '../host-fault.ts'
import { canGoOnAlone, patience } from '../going-on-alone.ts'
import { forget, MEMORY, recall, remember } from '../memory.ts'
import { readAll } from '../read-all.ts'
import type { Stage } from '../stage.ts'
import type { HttpAnswer, System } from '../system.ts'

/** Milliseconds until an address counts as silent and the next one is tried. */
const SILENCE = 5000
/** Seconds after which a guest that goes on without its host looks for it again. */
const LOOK_AGAIN = 30

/** An address, a route, and a host that proves with the pinned CA that it is ours. */
export const network: Stage = {
  name: 'network',
  purpose: 'reach host-server over TLS 1.3 with the CA of this image',
  pace: { passing: 5 },

  async done(system) {
    const host = recall(system.files, MEMORY.host)
    if (!host) return false
    if (host.url === undefined) return system.clock.uptime() - host.uptime < LOOK_AGAIN || !(await isBack(system))
    return recall(system.files, MEMORY.identity)?.urls.includes(host.url) ?? false
  },

  async run(system) {
    const [own] = system.addresses()
    if (!own) throw new Fault('NO_ADDRESS', {}, 'every interface but the loopback is without one; is DHCP answered?')
    const since = recall(system.files, MEMORY.looking)?.since ?? system.clock.uptime()
    try {
      const { url, clock } = await findHost(system)
      forget(system.files, MEMORY.looking)
      return `${own.address} on ${own.name} · ${url} · clock ${clock}`
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      remember(system.files, MEMORY.looking, { since })
      if (system.clock.uptime() - since < patience(system) || !(await canGoOnAlone(system))) throw error
      remember(system.files, MEMORY.host, { uptime: system.clock.uptime() })
      return `no host (${error.message}); going on with what is here`
    }
  },
}

/**
 * Asks the known addresses in their order for a host that is ours, and notes the first.
 * @returns its address, and for people how far the clocks are apart
 * @throws Fault of several addresses' the one that says most
 */
export async function findHost(system: System): Promise<{ url: string; clock: string }> {
  const faults: Fault[] = []
  for (const url of recall(system.files, MEMORY.identity)?.urls ?? []) {
    try {
      const clock = await greet(system, url)
      remember(system.files, MEMORY.host, { url, uptime: system.clock.uptime() })
      return { url, clock }
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      faults.push(error)
    }
  }
  throw tellingOf(faults)
}

/** A guest that goes on alone looks for its host without a word, until there is something to say. */
async function isBack(system: System): Promise<boolean> {
  remember(system.files, MEMORY.host, { uptime: system.clock.uptime() })
  for (const url of recall(system.files, MEMORY.identity)?.urls ?? []) {
    try {
      await greet(system, url)
      return true
    } catch {
      continue
    }
  }
  return false
}

/** @returns how far the clocks are apart, for people. @throws Fault */
async function greet(system: System, url: string): Promise<string> {
  const ca = system.files.text(GUEST.ca)
  if (ca === undefined) throw new Fault('IMAGE_CONFIG_INVALID', { path: GUEST.ca }, `${GUEST.ca} is missing; build the image again`)
  let answer: HttpAnswer
  try {
    answer = await system.http({ url: url + ROUTES.health, ca, timeout: SILENCE })
    await readAll(answer.body, 64 * 1024)
  } catch (error) {
    throw error instanceof Fault ? error : await hostFault(system, url, error as Error)
  }
  const { host } = new URL(url)
  if (answer.status >= 500 || answer.status === 429) throw new Fault('HOST_FAILED', { url, status: answer.status }, `${host} answered ${answer.status}`, { wait: leastWait(answer) })
  if (answer.status !== 200) throw new Fault('HOST_ANSWER_INVALID', { url, status: answer.status }, `${host} answered ${answer.status}`)
  const off = clockOff(system, url, answer)
  if (off === undefined) return 'not compared'
  // The header has whole seconds, so less than one is nothing.
  return Math.abs(off) < 1.5 ? 'agrees' : `${Math.abs(off).toFixed(0)} s ${off > 0 ? 'ahead' : 'behind'}`
}

/** Of several addresses' faults the one that says most: an answer that is wrong tells more than none. */
function tellingOf(faults: readonly Fault[]): Fault {
  const telling = faults.find((fault) => !isAway(fault)) ?? faults[0]
  if (!telling) return new Fault('IMAGE_CONFIG_INVALID', { path: GUEST.config }, 'no address of a host is known')
  if (faults.length === 1) return telling
  const others = faults.filter((fault) => fault !== telling).map((fault) => fault.message)
  return new Fault(telling.code, telling.details, `${telling.explanation ?? ''} (also: ${others.join('; ')})`, { cause: telling })
}
