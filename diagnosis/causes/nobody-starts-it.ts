import { FOREIGN_AGENT_UNITS, UNITS } from '../../contract/paths.ts'
import type { Cause, Found, Proof, Suspected } from '../cause.ts'
import type { GuestSeen } from '../evidence.ts'
import { type Facts, proofOf, type Said } from '../facts.ts'
import { saidProof, waitsIn } from './daemon-fault.ts'
import { isHeard } from './is-heard.ts'
import { lastOnConsole } from './last-on-console.ts'
import { safeWord } from './safe-word.ts'

type Unit = GuestSeen['units'][number]

/** systemd.exec(5), "Process Exit Codes": what stops a command before its first instruction. */
const NEVER_RAN: Readonly<Record<number, string>> = { 200: 'its working directory', 203: 'its program', 206: 'its standard streams', 216: 'its group', 217: 'its user' }
const LINE = /Failed at step (EXEC|USER|GROUP|CHDIR) spawning ([^\s:]+)/
const ON_CONSOLE = /Failed to start .*(?:trovestrap-guest|Trovestrap: brings)/
const LOGIN = / login:\s*$/
const BOOTED = /Cloud-init v\. .* finished at|Reached target .*(?:Cloud-init target|cloud-init\.target)/

/** B6 */
export const nobodyStartsIt: Cause = {
  id: 'B6',
  name: 'unit-does-not-run',
  title: 'the unit that brings the agent up is missing, disabled, or names a program or user that is not there',
  phase: 'boot',
  shows: 'the console reaches its login without a word of ours; `Failed at step EXEC spawning`, status 203 or 217',
  needs: ['guest', 'console', 'record'],
  mend: 'build the image again with trovestrap image build, which checks this',
  find(facts) {
    if (isHeard(facts)) return undefined
    return neverRan(facts) ?? noUser(facts) ?? notThere(facts) ?? silentLogin(facts)
  },
}

function neverRan(facts: Facts): Found | undefined {
  const unit = [UNITS.guest, UNITS.agent, ...FOREIGN_AGENT_UNITS].map(facts.unit).find((unit) => unit?.status !== undefined && unit.status in NEVER_RAN && unit.active !== 'active')
  const onConsole = facts.evidence.guest ? undefined : lastOnConsole(facts, ON_CONSOLE)
  const said = waitsIn(facts, 'AGENT_START_FAILED')
  if (!unit && !onConsole) return said && Number(said.details['status']) in NEVER_RAN ? agentNeverRan(said) : undefined
  const line = unit && facts.line(LINE, unit.name === UNITS.guest ? 'daemon' : 'agent')
  const program = LINE.exec(line?.text ?? '')?.[2]
  const lacks = unit ? NEVER_RAN[unit.status!]! : 'its program or user'
  return {
    what: `${unit?.name ?? UNITS.guest} cannot be run: ${lacks} is not there or not usable${program === undefined ? '' : ` (${program.slice(0, 100)})`}`,
    proof: [...(line ? [proofOf(line)] : []), ...(onConsole ? [proofOf(onConsole)] : []), ...(unit ? [stateOf(unit)] : [])],
    mend: rebuilt(),
  }
}

function agentNeverRan(said: Said): Found {
  const lacks = NEVER_RAN[Number(said.details['status'])]!
  return { what: `${UNITS.agent} cannot be run: ${lacks} is not there or not usable`, proof: [saidProof(said)], mend: rebuilt() }
}

function noUser(facts: Facts): Found | undefined {
  const said = waitsIn(facts, 'AGENT_USER_MISSING')
  if (!said) return undefined
  const user = safeWord(said.details['user'])
  return {
    what: `the user ${user === undefined ? '' : `"${user}" `}as whom the agent is to run does not exist in this image`,
    proof: [saidProof(said)],
    mend: [{ on: 'guest', ...(user === undefined ? { say: 'make the user' } : { run: `sudo useradd --system --create-home ${user}` }) }, ...rebuilt(user)],
  }
}

const STARTED = /^(enabled|static|generated|linked|indirect|alias)/

/** None of the units by which an agent could come up is there, or none of them is to be started. */
function notThere(facts: Facts): Found | undefined {
  const own = facts.unit(UNITS.guest)
  if (!own || facts.said.length > 0) return undefined
  const foreign = FOREIGN_AGENT_UNITS.map(facts.unit).filter((unit): unit is Unit => unit?.load === 'loaded')
  if ([own, ...foreign].some(({ active, result }) => active !== 'inactive' || (result !== 'success' && result !== 'condition'))) return undefined
  // Where ours is there, those of the image stand back for it, however enabled they are.
  const counting = own.load === 'loaded' ? [own] : foreign
  if (counting.some(({ enabled }) => STARTED.test(enabled))) return undefined
  const asleep = counting[0]
  return {
    what: asleep ? `${asleep.name} is ${asleep.enabled === '' ? 'not enabled' : asleep.enabled}: nothing starts it` : 'the image has no unit that would bring an agent up',
    proof: [stateOf(asleep ?? own)],
    mend: [...(asleep && safeWord(asleep.name) ? [{ on: 'guest' as const, run: `sudo systemctl enable --now ${asleep.name}` }] : []), ...rebuilt()],
  }
}

/** Where the image is one of ours, a boot that has ended without a word of the daemon says that it does not run; not why. */
function silentLogin(facts: Facts): Suspected | undefined {
  const { console, guest, record, machine } = facts.evidence
  const ours = machine?.host_server.configured === true || record !== undefined
  if (!console || guest || !ours || record?.view || facts.said.length > 0) return undefined
  const lines = facts.lines('console')
  const login = lines.findLast(({ text }) => LOGIN.test(text))
  if (!login || !lines.some(({ text }) => BOOTED.test(text))) return undefined
  return { undecided: 'the guest has booted to its login, and the daemon has not said a word', wants: ['guest'], proof: [proofOf(login)] }
}

function stateOf({ name, load, active, result, status, enabled }: Unit): Proof {
  return { source: 'guest', where: `guest, systemctl show ${name}`, text: `${load}, ${active}, ${enabled === '' ? 'not enabled' : enabled}, result ${result}${status === undefined ? '' : `, status ${status}`}` }
}

function rebuilt(user?: string): Found['mend'] {
  return [{ on: 'image', run: `trovestrap image build BASE.qcow2 -o OUT.qcow2${user === undefined ? '' : ` --agent-user ${user}`}`, say: 'its check refuses an image in which the units cannot run' }]
}
