import { UNITS } from '../../contract/paths.ts'
import type { Cause, Proof } from '../cause.ts'
import { type Facts, proofOf } from '../facts.ts'
import { agentSaid } from './agent-said.ts'
import { saidProof, waitsIn } from './daemon-fault.ts'
import { isHeard } from './is-heard.ts'
import { MAKE_AGAIN } from './trove-option.ts'

const TOO_OLD = /requires a different Python: (\S+) not in '([^']+)'/
const FULL = /No space left on device|ENOSPC/
/** Bytes. Less than this on the root file system keeps pip and Docker from writing. */
const NOTHING_LEFT = 64 * 1024 ** 2
const KILLED = /(?:Out of memory|out of memory): Killed process \d+ \(([^)]{1,40})\)/

/** B7 */
export const pythonTooOld: Cause = {
  id: 'B7',
  name: 'python-too-old',
  title: "the image's Python is older than this Trove wants",
  phase: 'install-requirements',
  shows: "`requires a different Python: 3.10.12 not in '>=3.11'`",
  needs: ['console', 'record', 'guest'],
  mend: 'an image with a newer Python, or an older branch of Trove',
  find(facts) {
    const said = waitsIn(facts, 'PYTHON_TOO_OLD')
    const proof = said ? saidProof(said) : agentSaid(facts, TOO_OLD)
    if (!proof) return undefined
    const why = TOO_OLD.exec(proof.text)
    return {
      what: why ? `the image's Python is ${why[1]}, and this Trove wants ${why[2]}` : `the image's Python is older than the served Trove wants${said?.message === undefined ? '' : `: ${said.message.split(': ').slice(1).join(': ')}`}`,
      proof: [proof],
      mend: [{ on: 'image', say: 'build the image from a newer release (Ubuntu 24.04 and Debian 12 have Python 3.11 or newer)' }, { on: 'host', say: 'or serve an older branch: source.path in the configuration of host-server' }],
    }
  },
}

/** B8 */
export const diskFull: Cause = {
  id: 'B8',
  name: 'guest-disk-full',
  title: "the guest's disk is full",
  phase: 'fetch',
  shows: '`No space left on device`; DISK_FULL',
  needs: ['console', 'record', 'guest'],
  mend: 'a larger image (trovestrap image build … --grow) or flavour',
  find(facts) {
    const proof = isHeard(facts) ? undefined : fullProof(facts)
    if (!proof) return undefined
    const path = facts.failing?.details['path']
    return {
      what: `the guest's disk is full${path === undefined ? '' : `: ${path.slice(0, 100)}`}`,
      proof: [proof, ...fullDisks(facts)],
      mend: [
        { on: 'guest', run: 'sudo du -xhd2 / --threshold=100M', say: 'shows what takes the space; once some is free the guest goes on by itself' },
        { on: 'image', run: 'trovestrap image build BASE.qcow2 -o OUT.qcow2 --grow +2G', say: 'or a flavour with a larger disk' },
      ],
    }
  },
}

function fullProof(facts: Facts): Proof | undefined {
  const said = waitsIn(facts, 'DISK_FULL')
  if (said) return saidProof(said)
  const last = [facts.failing?.message, facts.failing?.details['last']].some((text) => FULL.test(text ?? '')) ? facts.failing : undefined
  if (last) return saidProof(last)
  const line = facts.line(FULL, 'agent', 'cloud-init', 'guest')
  return line && fullDisks(facts).length > 0 ? proofOf(line) : undefined
}

function fullDisks({ evidence }: Facts): Proof[] {
  const full = (evidence.guest?.disks ?? []).filter(({ mount, free, size }) => /^\/(var|opt|tmp|home)?(\/|$)/.test(mount) && size > NOTHING_LEFT * 4 && free < NOTHING_LEFT)
  return full.slice(0, 2).map(({ mount, free, size }) => ({ source: 'guest', where: 'guest, df', text: `${mount}: ${(free / 1e6).toFixed(0)} of ${(size / 1e6).toFixed(0)} MB free` }))
}

/** B10 */
export const outOfMemory: Cause = {
  id: 'B10',
  name: 'guest-out-of-memory',
  title: 'the guest has too little memory: the kernel killed the agent, Docker or the database',
  phase: 'start-agent',
  shows: '`Out of memory: Killed process`; unit result oom-kill',
  needs: ['console', 'guest', 'record'],
  mend: 'a flavour with more memory',
  find(facts) {
    if (facts.healthy === true || isHeard(facts)) return killedDatabase(facts)
    const said = waitsIn(facts, 'AGENT_EXITED', 'AGENT_FAILED', 'AGENT_START_FAILED')
    const unit = [facts.agentUnit, facts.unit(UNITS.guest)].find((unit) => unit?.result === 'oom-kill')
    const byDaemon = said?.details['result'] === 'oom-kill' ? said : undefined
    const line = facts.line(KILLED, 'kernel', 'console')
    const proof: Proof[] = [
      ...(line ? [proofOf(line)] : []),
      ...(byDaemon ? [saidProof(byDaemon)] : []),
      ...(unit ? [{ source: 'guest' as const, where: `guest, systemctl show ${unit.name}`, text: `result oom-kill, ${unit.restarts} restarts` }] : []),
    ]
    if (proof.length > 0) return { what: `the guest has too little memory${killed(line?.text)}`, proof, mend: more(facts) }
    const bySignal = said && /ended by signal 9\b/.test(said.message ?? '') && !facts.evidence.guest
    return bySignal ? { undecided: 'the agent was killed (signal 9); by whom is in the kernel\'s log', wants: ['guest', 'console'], proof: [saidProof(said)] } : undefined
  },
}

/** The agent lives on and cannot bring its database up. */
function killedDatabase(facts: Facts): ReturnType<Cause['find']> {
  const line = facts.healthy === true ? undefined : facts.line(/(?:Out of memory|out of memory): Killed process \d+ \((?:mysqld|mariadbd|postgres)/, 'kernel', 'console')
  return line && { what: `the guest has too little memory${killed(line.text)}`, proof: [proofOf(line)], mend: more(facts) }
}

const killed = (line: string | undefined): string => (KILLED.exec(line ?? '')?.[1] === undefined ? ': the agent was killed for it' : `: the kernel killed ${KILLED.exec(line!)![1]}`)

function more({ evidence }: Facts): { on: 'cloud'; say: string }[] {
  const ram = evidence.nova?.server?.flavor?.ram
  return [{ on: 'cloud', say: `take a flavour with more memory${ram === undefined ? '' : ` than ${ram} MiB`}` }, { on: 'cloud', say: MAKE_AGAIN.say! }]
}
