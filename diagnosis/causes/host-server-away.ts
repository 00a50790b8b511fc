import { isIPv4 } from 'node:net'
import type { Cause, Found, Proof, Step } from '../cause.ts'
import type { MachineSeen } from '../evidence.ts'
import { type Facts, proofOf } from '../facts.ts'
import { waitsIn, saidProof } from './daemon-fault.ts'
import { isHeard } from './is-heard.ts'
import { configFile, RESTART_HOST } from './host-command.ts'
import { safeWord } from './safe-word.ts'

const AWAY = ['HOST_REFUSED', 'HOST_SILENT', 'NO_ROUTE', 'HOST_NOT_TLS', 'HOST_FAILED', 'HOST_ANSWER_INVALID'] as const
/** Listens for this host itself; 0.0.0.0 and :: listen for everybody. */
const OWN_ONLY = /^\[?(?:127\.|::1\]?$|::ffff:127\.)/
/** How a guest of Trove's own dev mode says the same. */
const NO_SSH = /ssh: connect to host (\S+) port 22: (Connection timed out|Connection refused|No route to host)/

/** D2 */
export const hostAway: Cause = {
  id: 'D2',
  name: 'host-server-away',
  title: 'host-server does not run, or guests cannot reach it',
  phase: 'network',
  shows: 'HOST_REFUSED, HOST_SILENT, NO_ROUTE on the console; `ssh: connect to host … Connection refused` without our daemon',
  needs: ['console', 'guest', 'machine'],
  symptomOf: ['C1', 'C2', 'C3', 'C4', 'C6', 'C8', 'C9', 'D4', 'F3', 'F4', 'F5', 'F8', 'G6', 'G9', 'G14', 'N6'],
  mend: 'systemctl start trovestrap-host; an address that guests reach under `listen` and `names`',
  ahead(facts) {
    const { machine } = facts.evidence
    if (machine === undefined) return undefined
    if (!machine.host_server.configured) return { what: 'no host-server is set up here', proof: [{ source: 'machine', where: 'configuration', text: 'no trovestrap.yaml' }], mend: [setUp(machine)] }
    // What keeps it from starting has a name of its own.
    if (machine.host_server.faults.length > 0 && machine.host_server.listening !== true) return undefined
    const seen = onTheHost(facts, NaN)
    return seen && throughNat(machine) && machine.host_server.listening === true ? undefined : seen
  },
  find(facts) {
    if (isHeard(facts)) return undefined
    const said = waitsIn(facts, ...AWAY)
    const line = said || facts.said.length > 0 ? undefined : facts.line(NO_SSH, 'agent')
    if (line) {
      const [, host, how] = NO_SSH.exec(line.text)!
      return { what: `the guest cannot reach ${host} to fetch Trove's code: ${how!.toLowerCase()}`, proof: [proofOf(line)], mend: [{ on: 'host', run: 'systemctl start ssh', say: 'and let TCP 22 from the guests\' network in' }] }
    }
    const { machine } = facts.evidence
    if (!said) return unheard(facts)
    const proof = [saidProof(said)]
    const { host, port } = said.details
    const where = host === undefined ? 'host-server' : `${host}:${port}`
    if (!machine) return { undecided: `the guest cannot reach ${where}; why is to be seen on the host`, wants: ['machine'], proof }
    // What keeps it from starting has a name of its own.
    if (machine.host_server.faults.length > 0 && machine.host_server.listening !== true) return undefined
    const seen = onTheHost(facts, Number(port))
    if (seen) return { ...seen, proof: [...seen.proof, ...proof] }
    return betweenThem(facts, where, proof)
  },
}

function setUp({ host }: MachineSeen): Step {
  const address = safeWord(host?.address ?? host?.addresses.find((one) => isIPv4(one)))
  return { on: 'host', run: `trovestrap init --name ${address ?? 'ADDRESS'}`, say: 'the address by which guests reach this host' }
}

/** Where guests come in by an address that is none of this host's, loopback is where they arrive. */
function throughNat({ host, host_server }: MachineSeen): boolean {
  const named = host?.address === undefined ? (host_server.names ?? []) : [host.address]
  return named.some((name) => host?.aliases.includes(name))
}

/** Nobody knows what the guest says; what it would need does not run. */
function unheard({ evidence: { machine, console, guest }, said }: Facts): ReturnType<Cause['find']> {
  const host = machine?.host_server
  if (console || guest || said.length > 0 || host?.configured !== true || host.listening !== false || host.faults.length > 0) return undefined
  return { undecided: 'host-server does not run; whether the guest waits for it is not known', wants: ['console', 'guest'], proof: [{ source: 'machine', where: 'listening TCP ports', text: `nothing listens on ${host.port ?? 'its port'}` }] }
}

function onTheHost({ evidence }: Facts, dialled: number): Found | undefined {
  const { host_server, listening } = evidence.machine!
  const { port } = host_server
  const here = listening.filter((one) => one.port === port)
  const proof = (text: string): Proof[] => [{ source: 'machine', where: 'listening TCP ports', text }]
  if (host_server.listening === false || (host_server.listening === undefined && port !== undefined && listening.length > 0 && here.length === 0)) {
    return { what: 'host-server does not run', proof: proof(`nothing listens on ${port ?? dialled}`), mend: [{ on: 'host', run: 'systemctl start trovestrap-host' }] }
  }
  if (here.length > 0 && here.every(({ address }) => OWN_ONLY.test(address))) {
    return { what: `host-server listens on ${here[0]!.address} alone, where no guest reaches it`, proof: proof(here.map(({ address, port }) => `${address}:${port}`).join(' ')), mend: [{ on: 'host', say: `set listen.address to "::" (or 0.0.0.0) in ${configFile(evidence)}` }, RESTART_HOST] }
  }
  if (port !== undefined && Number.isInteger(dialled) && dialled !== port) {
    return {
      what: `the guest dials port ${dialled}, and host-server listens on ${port}`,
      proof: proof(`host-server: ${port}`),
      mend: [{ on: 'host', say: `set listen.port to ${dialled} in ${configFile(evidence)}, or build the image again` }, RESTART_HOST],
    }
  }
  return undefined
}

/** It listens where it should, so what is wrong lies on the way. */
function betweenThem(facts: Facts, where: string, proof: Proof[]): ReturnType<Cause['find']> {
  const { guest } = facts.evidence
  const said = facts.failing!
  if (!['HOST_SILENT', 'NO_ROUTE'].includes(said.code!)) return undefined
  if (!guest) return { undecided: `host-server listens, and the guest gets no answer from ${where}; what lies between is to be seen in the guest`, wants: ['guest', 'neutron'], proof }
  const probe = guest.probes.find(({ host, port }) => host === said.details['host'] && String(port) === said.details['port'])
  if (probe?.outcome !== 'silent') return undefined
  const port = facts.evidence.machine!.host_server.port ?? probe.port
  return {
    what: `host-server listens, and a firewall or security group drops what the guest sends to ${where}`,
    proof: [{ source: 'guest', where: 'guest, TCP', text: `${probe.host}:${probe.port} silent` }, { source: 'machine', where: 'listening TCP ports', text: String(port) }, ...proof],
    mend: [{ on: 'host', say: `let TCP ${port} from the guests' network in` }, { on: 'cloud', say: `let TCP ${port} out in the security groups of the guests' management port` }],
  }
}
