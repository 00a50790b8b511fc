// Three ways not to have a usable transport_url. The agent's own line for the first two, ECONNREFUSED, names no host: only the effective
// configuration tells them from a broker that is down (G1).
import type { Cause, Proof } from '../cause.ts'
import type { Facts } from '../facts.ts'
import { agentSaid } from './agent-said.ts'
import { saidProof, waitsIn } from './daemon-fault.ts'
import { editForGuests, setAside } from './edit-guest-config.ts'
import { servedFinding } from './served-finding.ts'

/** oslo.messaging b0d3bfce (2018) took them away without a word at run time. */
const REMOVED = /^(rabbit_(hosts?|port|userid|password|virtual_host)|rpc_backend)$/
const WRITE = 'write transport_url = rabbit://USER:PASSWORD@HOST:5672/VHOST under [DEFAULT]'

export const transportUrlMissing: Cause = {
  id: 'F3',
  name: 'transport-url-missing',
  title: 'guests are told no transport_url, so the agent dials itself',
  phase: 'configure',
  shows: 'reach-rabbitmq fails with TRANSPORT_URL_MISSING; host-server refuses the configuration; the agent logs ECONNREFUSED for ever, without a host',
  needs: ['machine', 'console', 'record', 'guest'],
  symptomOf: ['B2', 'F4', 'N6'],
  mend: `${WRITE} of the guests' configuration`,
  find(facts) {
    const missing = none(facts)
    if (missing === undefined || old(facts) !== undefined) return undefined
    if (facts.evidence.machine?.guest_config === undefined && !facts.saw('guest')) return { undecided: 'the agent has no transport_url; whether it has options of before 2018 instead is not known', wants: ['machine', 'guest'], proof: [missing] }
    return { what: 'guests get no transport_url: their agents dial guest@localhost:5672, themselves', proof: [missing], mend: editForGuests(facts, WRITE) }
  },
}

export const removedOptions: Cause = {
  id: 'F4',
  name: 'rabbit-options-removed',
  title: 'RabbitMQ is configured by options that oslo.messaging ignores since 2018',
  phase: 'configure',
  shows: 'as transport-url-missing, with rabbit_host, rabbit_password or rpc_backend in the configuration',
  needs: ['machine', 'guest'],
  mend: `${WRITE} in the place of rabbit_host, rabbit_userid, rabbit_password and rpc_backend`,
  find(facts) {
    const missing = none(facts)
    const option = old(facts)
    if (missing === undefined || option === undefined) return undefined
    return { what: `${option.name} is set, which oslo.messaging ignores, and transport_url is not`, proof: [option.proof, missing], mend: editForGuests(facts, `${WRITE}, and remove ${option.name},`) }
  },
}

export const transportUrlInvalid: Cause = {
  id: 'F8',
  name: 'transport-url-invalid',
  title: 'transport_url cannot be read as it is written',
  phase: 'configure',
  shows: 'reach-rabbitmq fails with TRANSPORT_URL_INVALID; the agent ends with "invalid literal for int() with base 10" or "Failed to load transport driver"',
  needs: ['machine', 'console', 'record', 'guest'],
  mend: 'write everything but letters and digits in the password as %XX',
  find(facts) {
    const said = waitsIn(facts, 'TRANSPORT_URL_INVALID')
    const finding = servedFinding(facts, 'transport_url', /oslo\.messaging can read|the driver rabbit|unescaped/)
    const agent = agentSaid(facts, /invalid literal for int\(\) with base 10|Failed to load transport driver|Port could not be cast to integer/)
    const proof = [...(finding ? [finding.proof] : []), ...(said ? [saidProof(said)] : []), ...(agent ? [agent] : [])]
    if (proof.length === 0) return undefined
    const file = said?.details['config']
    const why = finding?.message ?? said?.message ?? 'oslo.messaging cannot read it'
    const mend = 'write everything but letters and digits in the password of transport_url as %XX'
    return {
      what: `transport_url ${file === undefined ? '' : `in ${file} `}cannot be read: ${why.slice(0, 300)}`,
      proof,
      mend: file === undefined ? editForGuests(facts, finding?.mend ?? mend) : [{ on: 'guest', say: `${mend} in ${file}, or let the served one count:` }, setAside(file)],
    }
  },
}

/** Proof that the effective configuration has no transport_url. */
function none(facts: Facts): Proof | undefined {
  const said = waitsIn(facts, 'TRANSPORT_URL_MISSING')
  if (said) return saidProof(said)
  const finding = servedFinding(facts, 'transport_url', /got none/)
  if (finding) return finding.proof
  const { guest } = facts.evidence
  if (guest === undefined || guest.config.length === 0 || guest.transport !== undefined || facts.option('DEFAULT', 'transport_url') !== undefined) return undefined
  return agentSaid(facts, /Connection failed: \[Errno 111\] ECONNREFUSED/)
}

function old(facts: Facts): { name: string; proof: Proof } | undefined {
  const { guest, machine } = facts.evidence
  const set = guest?.config.find(({ option }) => REMOVED.test(option))
  if (set) return { name: set.option, proof: { source: 'guest', where: `guest, ${set.file}`, text: `[${set.section}] ${set.option}` } }
  const finding = machine?.guest_config?.findings.find(({ option }) => REMOVED.test(option))
  return finding && { name: finding.option, proof: { source: 'machine', where: machine!.guest_config!.file.path, text: `${finding.option}: ${finding.message}` } }
}
