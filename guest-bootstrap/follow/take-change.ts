import { Fault } from '../../contract/fault.ts'
import { shortRevision } from '../../contract/manifest.ts'
import { GUEST } from '../../contract/paths.ts'
import { ownSecrets } from '../own-secrets.ts'
import { agentJournal, lastLines } from '../agent/last-words.ts'
import type { Event } from '../engine.ts'
import { forget, MEMORY, remember } from '../memory.ts'
import { configure } from '../stages/configure.ts'
import { confirm } from '../stages/confirm.ts'
import { takeTree } from '../stages/fetch.ts'
import { installRequirements } from '../stages/install-requirements.ts'
import { startAgent } from '../stages/start-agent.ts'
import type { Stage } from '../stage.ts'
import type { HttpAnswer, System } from '../system.ts'
import { keptManifest } from '../tree/current.ts'
import { checkSyntax } from './check-syntax.ts'

/** What says that it is the tree's fault; anything else passes, or is not mended by going back. */
const OF_THE_TREE = ['SYNTAX_ERROR', 'AGENT_EXITED', 'AGENT_NOT_HEARD', 'AGENT_START_FAILED', 'REQUIREMENT_NOT_FOUND', 'REQUIREMENT_CONFLICT', 'WHEEL_NOT_BUILT', 'PYTHON_TOO_OLD']

type Announce = (event: Event) => void

/**
 * Takes a changed tree and restarts the agent from it; where that does not come up, the one before runs again and the host is told why.
 * @throws Fault what is neither the tree's fault nor could be undone
 */
export async function takeChange(system: System, answer: HttpAnswer, announce: Announce): Promise<void> {
  const { before, now, note } = await takeTree(system, answer)
  announce({ stage: 'fetch', state: 'done', attempt: 1, note })
  try {
    await checkSyntax(system, now, before)
    await restart(system, announce)
    forget(system.files, MEMORY.rejected)
    announce({ stage: 'ready', state: 'done', attempt: 1, note: `runs ${shortRevision(now)}` })
  } catch (error) {
    if (!(error instanceof Fault) || !OF_THE_TREE.includes(error.code) || before === undefined || before === now) throw error
    const lines = error.code === 'SYNTAX_ERROR' ? String(error.details['lines'] ?? '') : lastLines(await agentJournal(system), ownSecrets(system.files))
    const fault = new Fault('REVISION_ROLLED_BACK', { revision: shortRevision(now), runs: shortRevision(before), lines }, error.message, { cause: error })
    announce({ stage: 'confirm', state: 'failed', attempt: 1, fault })
    await goBack(system, before, now, announce)
    announce({ stage: 'ready', state: 'done', attempt: 1, note: `runs ${shortRevision(before)} again`, fault })
  }
}

/** Each stage that is not done, once. */
async function restart(system: System, announce: Announce): Promise<void> {
  // How an agent ends that is stopped here is no news for trovestrap-agent-failed.service.
  for (const place of [MEMORY.heard, MEMORY.told]) forget(system.files, place)
  for (const stage of [configure, installRequirements, startAgent, confirm] satisfies Stage[]) {
    if (await stage.done(system)) continue
    const began = system.clock.uptime()
    const note = await stage.run(system)
    announce({ stage: stage.name, state: 'done', attempt: 1, took: system.clock.uptime() - began, ...(note === undefined ? {} : { note }) })
  }
}

async function goBack(system: System, before: string, rejected: string, announce: Announce): Promise<void> {
  const { files } = system
  remember(files, MEMORY.rejected, { revision: rejected, etag: keptManifest(files, rejected)?.etag ?? '' })
  files.point(GUEST.currentSource, before)
  remember(files, MEMORY.verified, { revision: before })
  await restart(system, announce)
}
