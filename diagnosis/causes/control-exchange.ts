// The quietest fault of all: the guest's queue is bound to both exchanges, so prepare arrives; its heartbeats go to an exchange where nobody
// listens. No log has a line. What proves it is the comparison of both sides' settings, or the guest's own word beside trove.conf.
import type { Cause, Proof } from '../cause.ts'
import type { Facts } from '../facts.ts'
import { GUEST } from '../../contract/paths.ts'
import { guestConfigPath, setAside, setForGuests } from './edit-guest-config.ts'
import { safeWord } from './safe-word.ts'
import { servedFinding } from './served-finding.ts'
import { silence } from './silence.ts'

/** oslo.messaging's own; Trove sets none. */
const DEFAULT = 'openstack'

export const controlExchange: Cause = {
  id: 'F5',
  name: 'control-exchange-differs',
  title: 'guest and control plane use different exchanges, so heartbeats are lost without an error',
  phase: 'configure',
  shows: 'the agent is connected, prepare is done, and the service status stays "new"; or host-server refuses the configuration',
  needs: ['machine', 'console', 'guest', 'broker'],
  mend: 'the same control_exchange in the guests\' configuration as in trove.conf, usually trove',
  find(facts) {
    const finding = servedFinding(facts, 'control_exchange')
    const guest = exchangeOfGuest(facts)
    const plane = exchangeOfTrove(facts)
    if (finding) return { what: `control_exchange: ${finding.message}`, proof: [finding.proof], mend: mend(facts, plane?.name ?? /expected (\S+)/.exec(finding.message)?.[1], undefined) }
    if (facts.healthy === true) return undefined
    if (guest && plane) {
      if (guest.name === plane.name) return undefined
      return { what: `the guest sends to the exchange ${guest.name}, the control plane listens at ${plane.name}`, proof: [guest.proof, plane.proof], mend: mend(facts, plane.name, guest.file) }
    }
    const quiet = silence(facts)
    if (quiet === undefined || quiet.prepared === false) return undefined
    return { undecided: 'nothing that the agent may have sent has reached Trove; the exchanges of both sides could not be compared', wants: [...(plane ? [] : (['machine'] as const)), ...(guest ? [] : (['guest'] as const))], proof: quiet.proof }
  },
}

interface Exchange {
  readonly name: string
  readonly proof: Proof
  readonly file?: string
}

/** The effective option, or what the daemon said of it when it had declared it: `… exchange trove`. */
function exchangeOfGuest(facts: Facts): Exchange | undefined {
  const option = facts.option('DEFAULT', 'control_exchange')
  if (option) return { name: option.value, file: option.file, proof: { source: 'guest', where: `guest, ${option.file}`, text: `control_exchange = ${option.value}` } }
  const noted = facts.said.findLast(({ stage, state, note }) => stage === 'reach-rabbitmq' && state === 'done' && / exchange \S+$/.test(note ?? ''))
  if (noted) return { name: / exchange (\S+)$/.exec(noted.note!)![1]!, proof: noted.proof }
  const { guest } = facts.evidence
  if (guest === undefined || guest.transport === undefined || guest.config.length === 0 || guest.unseen?.includes('config')) return undefined
  return { name: DEFAULT, proof: { source: 'guest', where: `guest, ${GUEST.confDir}`, text: `no control_exchange is set, which means ${DEFAULT}` } }
}

function exchangeOfTrove({ evidence }: Facts): Exchange | undefined {
  const conf = evidence.machine?.trove_conf
  if (conf === undefined || !conf.file.readable) return undefined
  const set = conf.options['control_exchange']
  return { name: set ?? DEFAULT, proof: { source: 'machine', where: conf.file.path, text: set === undefined ? `no control_exchange is set, which means ${DEFAULT}` : `control_exchange = ${set}` } }
}

function mend(facts: Facts, wanted: string | undefined, file: string | undefined) {
  const name = safeWord(wanted)
  const local = file !== undefined && file > GUEST.servedConfig
  if (local) return [setAside(file), { on: 'guest' as const, run: 'sudo systemctl restart trovestrap-guest' }]
  return name === undefined ? [{ on: 'host' as const, say: `write the control_exchange of trove.conf into ${guestConfigPath(facts)}` }] : setForGuests(facts, 'DEFAULT', 'control_exchange', name)
}
