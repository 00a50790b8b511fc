import type { Proof } from '../cause.ts'
import type { Facts } from '../facts.ts'

/** How a guest reaches, or does not reach, one address: what the daemon said of it, else what was tried over SSH. */
export interface Way {
  readonly host: string
  readonly port: number
  /** Whether the port takes connections: `silent` is a SYN without an answer. Undefined where it is not known. */
  readonly tcp: 'open' | 'silent' | 'refused' | undefined
  /** The interface by which the guest goes there. */
  readonly dev: string | undefined
  readonly proof: readonly Proof[]
}

const SILENT = ['AMQP_SILENT', 'AMQP_UNREACHABLE', 'HOST_SILENT', 'NO_ROUTE']
const NO_ANSWER = /Connection failed: (?:timed out|\[Errno \d+\] (?:EHOSTUNREACH|ENETUNREACH|ETIMEDOUT))/

/** Where the guest gets no answer; undefined while it waits for nothing of the kind. */
export function unansweredWay(facts: Facts): Way | undefined {
  const { failing } = facts
  if (failing?.code !== undefined && SILENT.includes(failing.code)) {
    const { host, port, tcp, dev } = failing.details
    if (host === undefined) return undefined
    const seen = seenOverSsh(facts, host, Number(port))
    const said = tcp === 'open' || tcp === 'silent' ? tcp : failing.code === 'HOST_SILENT' ? 'silent' : undefined
    return { host, port: Number(port), tcp: said ?? seen.tcp, dev: dev ?? seen.dev, proof: [{ ...failing.proof, text: failing.proof.text.slice(0, 400) }, ...seen.proof] }
  }
  const first = facts.evidence.guest?.transport?.hosts[0]
  if (facts.said.length > 0 || !first || facts.agentConnected === true) return undefined
  const line = facts.line(NO_ANSWER, 'agent')
  const seen = seenOverSsh(facts, first.host, first.port)
  return line && { host: first.host, port: first.port, tcp: seen.tcp, dev: seen.dev, proof: [{ source: line.source, where: line.where, text: line.text }, ...seen.proof] }
}

/** Whether something else at the same address does answer this guest: then neither address nor route is at fault. */
export function answersElsewhere({ evidence, said }: Facts, { host, port }: Pick<Way, 'host' | 'port'>): Proof | undefined {
  const greeted = said.findLast(({ stage, state, note }) => stage === 'network' && state === 'done' && note?.includes(`https://${host.includes(':') ? `[${host}]` : host}:`))
  if (greeted) return { ...greeted.proof, text: greeted.proof.text.slice(0, 400) }
  const probe = evidence.guest?.probes.find((one) => one.host === host && one.port !== port && (one.outcome === 'open' || one.outcome === 'refused'))
  return probe && { source: 'guest', where: 'guest, TCP', text: `${host}:${probe.port} ${probe.outcome}` }
}

function seenOverSsh({ evidence }: Facts, host: string, port: number): Pick<Way, 'tcp' | 'dev' | 'proof'> {
  const { guest } = evidence
  const probe = guest?.probes.find((one) => one.host === host && one.port === port)
  const path = guest?.paths.find(({ to }) => to === host)
  const tcp = probe && (['open', 'silent', 'refused'] as const).find((outcome) => outcome === probe.outcome)
  return {
    tcp,
    dev: /\bdev (\S+)/.exec(path?.route ?? '')?.[1],
    proof: [
      ...(probe ? [{ source: 'guest' as const, where: 'guest, TCP', text: `${host}:${port} ${probe.outcome}` }] : []),
      ...(path ? [{ source: 'guest' as const, where: `guest, ip route get ${host}`, text: path.route }] : []),
    ],
  }
}
