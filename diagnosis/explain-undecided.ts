import type { Diagnosis, NextLook, Suspicion } from './diagnosis.ts'
import { SOURCES, type Source } from './evidence.ts'
import { proofLines } from './explain-proof.ts'
import type { Line, Look } from './page.ts'

const SHOWN = 6
const PLAIN_NAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/

/** What to add to the command, or where to type it, so that diagnose sees a source. */
const HOW: Record<Source, { readonly add: string } | { readonly say: string }> = {
  record: { say: 'type it where host-server runs, or name its configuration with --config FILE' },
  broker: { add: '--trove-conf FILE' },
  broker_log: { add: '--rabbitmq-log FILE' },
  console: { add: '--console FILE' },
  guest: { add: '--ssh USER@ADDRESS --ssh-key FILE' },
  trove: { add: '--trove-db @FILE' },
  nova: { say: 'give it a clouds.yaml (OS_CLOUD names the cloud)' },
  neutron: { say: 'give it a clouds.yaml (OS_CLOUD names the cloud)' },
  trove_logs: { add: '--conductor-log FILE --taskmanager-log FILE' },
  machine: { say: 'type it where host-server runs' },
}

/** Suspicions, the lines that tell most, the last sign of life, and the one more place to look at. */
export function undecidedLines(diagnosis: Diagnosis, look: Look): (readonly [string, readonly Line[]])[] {
  const { verdict, undecided, lines, standing, next, name, instance } = diagnosis
  if (verdict !== 'undecided' && verdict !== 'unknown') return []
  const { last_sign } = standing
  return [
    ['maybe', [...undecided.slice(0, SHOWN).map(suspicionLine), ...(undecided.length > SHOWN ? [`and ${undecided.length - SHOWN} more: ${undecided.slice(SHOWN).map(({ id }) => id).join(', ')}`] : [])]],
    ['heard', last_sign === undefined ? ['nothing, in all that was looked at'] : proofLines([last_sign], look)],
    ['lines', proofLines(lines, look)],
    ['look at', next === undefined ? [] : nextLines(next, name !== undefined && PLAIN_NAME.test(name) ? name : instance)],
  ]
}

function suspicionLine({ id, name, undecided, wants }: Suspicion): Line {
  return `${name} (${id}): ${undecided}; would need ${wants.map((source) => SOURCES[source]).join(' or ')}`
}

function nextLines({ source, decides }: NextLook, who: string): Line[] {
  const how = HOW[source]
  const why = decides.length === 0 ? '' : `, which would decide ${decides.join(', ')}`
  return 'say' in how ? [`${SOURCES[source]}${why}: ${how.say}`] : [`${SOURCES[source]}${why}:`, { command: `trovestrap diagnose ${who} ${how.add}` }]
}
