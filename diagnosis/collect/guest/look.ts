import { setTimeout as pause } from 'node:timers/promises'
import type { SshConnection } from '../ssh/open-ssh.ts'
import type { RemoteResult } from '../ssh/run-remote.ts'
import { agentConfigOf } from './agent-config.ts'
import { ROOT_SCRIPT, rootCommand } from './ask-as-root.ts'
import { USER_SCRIPT, userCommand } from './ask-as-user.ts'
import { NETWORK_SCRIPT, networkCommand } from './ask-network.ts'
import { placesOf } from './places.ts'
import { drawBoundary, hasBegun, sectionsOf, wholeOf, type Sections } from './sections.ts'
import { sudoOf } from './sudo.ts'
import type { GuestSeen } from '../../evidence.ts'

/** All that the guest printed, by section; later ones never replace earlier ones. */
export interface LookResult {
  readonly sections: Sections
  /** Names of those that are there to their end. */
  readonly whole: ReadonlySet<string>
  readonly sudo: GuestSeen['sudo']
  /** Guest's clock minus ours, seconds. */
  readonly clockOffset?: number
  /** What is not whole, for people. */
  readonly missing: readonly string[]
}

/** Of each of the scripts. */
const LIMIT = 2 * 1024 * 1024
const NOTHING_TO_REACH: Sections = new Map()
/** Milliseconds until the same is asked without sudo, should it not have come to anything. */
const SUDO_PATIENCE = 3500

/** Asks as the debug user, as root, and of the network, side by side; the network once the agent's configuration has been read. */
export async function look(guest: SshConnection, signal: AbortSignal): Promise<LookResult> {
  const asRoot = askAsRoot(guest, signal)
  const [user, root, network] = await Promise.all([askAsUser(guest, signal), asRoot.done, asRoot.network])
  const sudo = sudoOf(root.throughSudo, root.words, { ended: root.results[0]!.cut === undefined, answers: user.sections.has('end'), waited: root.waited })
  const sections = new Map([...network, ...user.sections, ...root.sections])
  const cut = [user.result, ...root.results].map(({ cut }) => cut)
  return {
    sections,
    whole: new Set([...wholeOf(user.sections), ...root.whole, ...(network === NOTHING_TO_REACH ? ['probes', 'paths'] : wholeOf(network))]),
    sudo,
    ...(user.clockOffset === undefined ? {} : { clockOffset: user.clockOffset }),
    missing: [
      ...(sudo?.ok === false ? [`${sudo.said ?? 'sudo is not allowed'}; what root alone may read is missing`] : []),
      ...(cut.includes('limit') ? ['the guest says more than it should; the rest was not listened to'] : []),
      ...(cut.includes('refused') ? ['the guest refused to run a command'] : []),
    ],
  }
}

async function askAsUser(guest: SshConnection, signal: AbortSignal): Promise<{ sections: Sections; result: RemoteResult; clockOffset?: number }> {
  const boundary = drawBoundary()
  const asked = Date.now()
  let answered: number | undefined
  const onOutput = (soFar: Buffer): void => {
    if (answered === undefined && hasBegun(soFar, boundary, 'uptime')) answered = Date.now()
  }
  const result = await guest.run(userCommand(boundary), { input: USER_SCRIPT, limit: LIMIT, signal, onOutput })
  const sections = sectionsOf(result.stdout, boundary)
  const clock = Number(sections.get('clock')?.trim() || NaN)
  // The clock was read somewhere between question and answer: half of the way there, or so.
  const offset = answered === undefined ? NaN : clock - ((result.began ?? asked) + answered) / 2000
  return { sections, result, ...(Number.isFinite(offset) ? { clockOffset: Math.round(offset * 100) / 100 } : {}) }
}

interface Asked {
  readonly sections: Sections
  readonly whole: readonly string[]
  /** Of the run through sudo first. */
  readonly results: readonly RemoteResult[]
  /** What came through sudo alone, what sudo said, and the seconds until its end. */
  readonly throughSudo: Sections
  readonly words: string
  readonly waited: number
}

/** Through sudo; without it where sudo refuses, or has come to nothing for a while. */
function askAsRoot(guest: SshConnection, signal: AbortSignal): { done: Promise<Asked>; network: Promise<Sections> } {
  const began = performance.now()
  const network = Promise.withResolvers<Sections>()
  let known = false
  const ask = (command: (boundary: string) => string) => {
    const boundary = drawBoundary()
    const alive = Promise.withResolvers<boolean>()
    const onOutput = (soFar: Buffer): void => {
      if (hasBegun(soFar, boundary, 'who')) alive.resolve(true)
      if (known || !hasBegun(soFar, boundary, 'files')) return
      known = true
      const { config, places } = Object.fromEntries(sectionsOf(soFar, boundary))
      network.resolve(askNetwork(guest, placesOf(agentConfigOf(config).transport, places), signal))
    }
    const done = guest.run(command(boundary), { input: ROOT_SCRIPT, limit: LIMIT, signal, onOutput }).then((result) => {
      alive.resolve(false)
      const aside = sectionsOf(result.stderr, boundary)
      const main = sectionsOf(result.stdout, boundary)
      return { result, sections: new Map([...aside, ...main]), whole: [...wholeOf(aside), ...wholeOf(main)], words: aside.get('') ?? '' }
    })
    return { alive: alive.promise, done }
  }
  const work = async (): Promise<Asked> => {
    const throughSudo = ask(rootCommand)
    const patience = new AbortController()
    const late = pause(SUDO_PATIENCE, false, { signal: AbortSignal.any([signal, patience.signal]) }).catch(() => false)
    const without = (await Promise.race([throughSudo.alive, late])) ? undefined : await ask(userCommand).done
    patience.abort()
    const { result, sections, whole, words } = await throughSudo.done
    const waited = Math.round((performance.now() - began) / 10) / 100
    return {
      sections: new Map([...(without?.sections ?? []), ...sections]),
      whole: [...(without?.whole ?? []), ...whole],
      results: without === undefined ? [result] : [result, without.result],
      throughSudo: sections,
      words,
      waited,
    }
  }
  const done = work().finally(() => {
    if (!known) network.resolve(new Map())
  })
  return { done, network: network.promise }
}

async function askNetwork(guest: SshConnection, places: ReturnType<typeof placesOf>, signal: AbortSignal): Promise<Sections> {
  if (places.length === 0) return NOTHING_TO_REACH
  const boundary = drawBoundary()
  const { stdout } = await guest.run(networkCommand(boundary, places), { input: NETWORK_SCRIPT, limit: LIMIT, signal })
  return sectionsOf(stdout, boundary)
}
