import type { Cause, Proof, Step } from '../cause.ts'
import { type Facts, proofOf } from '../facts.ts'
import { saidProof, waitsIn } from './daemon-fault.ts'
import { configFile, hostCommand, RESTART_HOST } from './host-command.ts'
import { isHeard } from './is-heard.ts'
import { safeWord } from './safe-word.ts'

const RSYNC = /rsync: (?:\[[^\]]*\] )?(?:change_dir|link_stat) "[^"]*" failed|rsync error: .*\(code 23\)|rsync: (?:command )?not found/
const GONE = /(\/\S+?)"? (?:does not exist|cannot be read|is not readable)|source\.path (\/\S+?),? got nothing there/
/** Behind a finding of the served configuration stands another cause; a file that cannot be read is this one. */
const FILE = /does not exist|not readable|cannot be read/

/** D4 */
export const sourceUnreadable: Cause = {
  id: 'D4',
  name: 'source-unreadable',
  title: "host-server has nothing to hand out: its source, wheels or files cannot be read",
  phase: 'fetch',
  shows: 'host-server does not start, or NOTHING_TO_FETCH; `rsync: change_dir … failed` without our daemon',
  needs: ['machine', 'console', 'record', 'guest'],
  symptomOf: ['N6'],
  mend: 'the path in the configuration of host-server, or the right to read it',
  ahead(facts) {
    // What has run out is the certificate (D5).
    const fault = whatIsWrong(facts, /^(?!.*certificate expired)/)
    if (fault === undefined) return undefined
    const runs = facts.evidence.machine!.host_server.listening === true
    return { what: `host-server ${runs ? 'runs on what it read before, and does not start again' : "does not hand out Trove's code"}: ${fault.text.slice(0, 300)}`, proof: [fault], mend: mendsOf(facts, fault.text) }
  },
  find(facts) {
    if (isHeard(facts)) return undefined
    const nothing = waitsIn(facts, 'NOTHING_TO_FETCH')
    const away = waitsIn(facts, 'HOST_REFUSED', 'HOST_SILENT', 'HOST_FAILED', 'NO_ROUTE')
    const fault = nothing || away || facts.said.length === 0 ? whatIsWrong(facts) : undefined
    if (fault && (nothing || facts.evidence.machine!.host_server.listening !== true)) {
      const said = nothing ?? away
      return { what: `host-server does not hand out Trove's code: ${fault.text.slice(0, 300)}`, proof: [fault, ...(said ? [saidProof(said)] : [])], mend: mendsOf(facts, fault.text) }
    }
    if (nothing) return { what: 'host-server has no source to hand out', proof: [saidProof(nothing)], mend: mendsOf(facts, '') }
    const line = facts.said.length > 0 ? undefined : facts.line(RSYNC, 'agent')
    if (!line) return undefined
    const here = /not found/.test(line.text)
    return {
      what: here ? 'the image has no rsync to fetch Trove\'s code with' : "the guest finds no code where its unit looks for it on the host",
      proof: [proofOf(line)],
      mend: here ? [{ on: 'image', say: 'install rsync in the image' }] : [{ on: 'host', say: `make ${/"([^"]+)"/.exec(line.text)?.[1] ?? 'the folder'} the checkout of Trove, readable by the user as whom the guest logs in` }, { on: 'guest', run: 'sudo systemctl restart guest-agent' }],
    }
  },
}

function whatIsWrong({ evidence: { machine } }: Facts, which: RegExp = /./): Proof | undefined {
  const fault = machine?.host_server.faults.find(({ part, message }) => which.test(message) && (!/guest_config/.test(part) || FILE.test(message)))
  return fault && { source: 'machine', where: 'trovestrap serve', text: `${fault.part}: ${fault.message}` }
}

function mendsOf(facts: Facts, text: string): Step[] {
  const { evidence } = facts
  const typed = /; type: trovestrap (init[ a-z-]*)$/.exec(text)?.[1]
  if (typed !== undefined) return [{ on: 'host', run: hostCommand(facts, typed) }, RESTART_HOST]
  const found = GONE.exec(text)
  const path = safeWord(found?.[1] ?? found?.[2] ?? evidence.machine?.host_server.source)
  return [
    ...(path === undefined ? [] : [{ on: 'host' as const, run: `ls -ld ${path}` }]),
    { on: 'host', say: `put back what is missing${path === undefined ? '' : ` at ${path}`}, let host-server's user read it, or name another path in ${configFile(evidence)}` },
    RESTART_HOST,
  ]
}
