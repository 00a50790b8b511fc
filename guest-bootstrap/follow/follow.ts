// Follow mode, for those who develop Trove: the daemon stays, and takes each change of the tree that the host hands out.
import { Fault, FAULTS } from '../../contract/fault.ts'
import { atLeast } from '../backoff.ts'
import { bringUp, type Event } from '../engine.ts'
import { faultOf } from '../fault-of.ts'
import { hostUrl } from '../host.ts'
import { readAll } from '../read-all.ts'
import { enrol } from '../stages/enrol.ts'
import { knownTags, noteFollow } from '../stages/fetch.ts'
import { identify } from '../stages/identify.ts'
import { network } from '../stages/network.ts'
import { bringUpStages } from '../stages.ts'
import type { HttpAnswer, System } from '../system.ts'
import { askManifest } from '../tree/ask-manifest.ts'
import { currentManifest } from '../tree/current.ts'
import { takeChange } from './take-change.ts'

/** Seconds that a question stays open; host-server ends it a little earlier. */
const OPEN = 60
/** Seconds until the next try when something is in the way. */
const AGAIN = 5

export interface FollowOptions {
  readonly announce: (event: Event) => void
  /** From 0 to 1. */
  readonly chance: () => number
}

/** Returns when the host does not want to be followed. Never throws. */
export async function follow(system: System, options: FollowOptions): Promise<void> {
  for (;;) {
    const news = await askForNews(system).catch(faultOf)
    if (news === 'not followed') return
    if (news instanceof Fault) await findHost(system, news, options)
    else if (news !== 'nothing') await take(system, news, options)
  }
}

/** What is not the tree's fault is waited for, as in a bring-up: it is one. */
async function take(system: System, news: HttpAnswer, options: FollowOptions): Promise<void> {
  try {
    await takeChange(system, news, options.announce)
  } catch (error) {
    const fault = faultOf(error)
    options.announce({ stage: FAULTS[fault.code].stage, state: 'failed', attempt: 1, next: AGAIN, fault })
    await system.clock.sleep(AGAIN)
    await bringUp(bringUpStages, system, options)
    options.announce({ stage: 'ready', state: 'done', attempt: 1 })
  }
}

/** @returns a manifest that the guest does not have, or the same once more because the operator wants it so */
async function askForNews(system: System): Promise<HttpAnswer | 'nothing' | 'not followed'> {
  const kept = currentManifest(system.files)
  if (!kept || hostUrl(system) === undefined) return 'not followed'
  const headers = { 'if-none-match': knownTags(system, kept.etag), prefer: `wait=${OPEN - 10}` }
  const answer = await askManifest(system, [200, 304], { headers, timeout: OPEN * 1000 })
  if (!noteFollow(system, answer)) {
    await readAll(answer.body, Number.MAX_SAFE_INTEGER)
    return 'not followed'
  }
  if (answer.status === 200) return answer
  await readAll(answer.body, 1024)
  return 'nothing'
}

/** The host may be away, may have another address, or may no longer know this guest: these stages know what to do then. */
async function findHost(system: System, { wait }: Fault, { announce, chance }: FollowOptions): Promise<void> {
  // All who follow hear of a change in the same moment: they do not come back in the same one.
  await system.clock.sleep(atLeast(wait ?? AGAIN, 0, chance()))
  const failures = (event: Event): void => {
    if (event.state === 'failed') announce(event)
  }
  await bringUp([identify, network, enrol], system, { announce: failures, chance })
}
