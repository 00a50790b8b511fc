import { UNITS } from '../../contract/paths.ts'
import type { Proof } from '../cause.ts'
import type { Facts, Said } from '../facts.ts'
import { saidProof, waitsIn } from './daemon-fault.ts'
import { agentSaid } from './agent-said.ts'
import { safeWord } from './safe-word.ts'

/** A broker's refusal, with whom it refused. Host, port, user and vhost come from strangers: `safe…` for commands. */
export interface Refused {
  readonly host: string | undefined
  readonly port: string | undefined
  readonly user: string | undefined
  readonly vhost: string | undefined
  /** The file in the guest that names this broker, where it is not the served one. */
  readonly config: string | undefined
  readonly text: string
  readonly proof: readonly Proof[]
  /** `guest`: it was refused; `control-plane`: the host's own look, with trove.conf's transport_url, was. */
  readonly who: 'guest' | 'control-plane'
}

/**
 * Who was refused with one of these codes: the guest's daemon, else the agent in its own words, else this host with the guests' transport_url,
 * else this host with the control plane's own. Nothing for an instance that Trove calls healthy.
 */
export function refused(facts: Facts, codes: readonly string[], line?: RegExp): Refused | undefined {
  if (facts.healthy === true) return undefined
  const said = waitsIn(facts, ...codes)
  const own = brokerFault(facts, codes)
  if (said) return { ...ofSaid(said), proof: [saidProof(said), ...(own ? [own.proof] : [])] }
  const agent = line && agentSaid(facts, line)
  if (agent) return { ...ofGuest(facts), text: agent.text, proof: [agent, ...(own ? [own.proof] : [])] }
  const tried = triedAsGuest(facts, codes)
  if (tried) return { ...tried, proof: [...tried.proof, ...(own ? [own.proof] : [])] }
  return own && { ...own, proof: [own.proof] }
}

/** As people write it: `10.0.2.2:5672`. */
export function at({ host, port }: Pick<Refused, 'host' | 'port'>): string {
  return host === undefined ? 'RabbitMQ' : `${host.includes(':') ? `[${host}]` : host}:${port ?? 5672}`
}

/** `rabbitmqctl set_permissions` for this user and vhost, where both can stand in a command. */
export function setPermissions({ user, vhost }: Refused): string | undefined {
  const [who, where] = [safeWord(user), safeWord(vhost)]
  return who === undefined || where === undefined ? undefined : `rabbitmqctl set_permissions -p ${where} ${who} '.*' '.*' '.*'`
}

function ofSaid({ details, message, proof }: Said): Omit<Refused, 'proof'> {
  const { host, port, user, vhost, config } = details
  return { host, port, user, vhost, config, text: message ?? proof.text, who: 'guest' }
}

function ofGuest({ evidence }: Facts): Omit<Refused, 'proof' | 'text'> {
  const transport = evidence.guest?.transport
  const first = transport?.hosts[0]
  return { host: first?.host, port: first && String(first.port), user: first?.user, vhost: transport?.vhost, config: undefined, who: 'guest' }
}

function brokerFault({ evidence }: Facts, codes: readonly string[]): (Omit<Refused, 'proof'> & { proof: Proof }) | undefined {
  const { broker } = evidence
  if (broker?.fault === undefined || !codes.includes(broker.fault.code)) return undefined
  const { host, port, user, vhost, fault } = broker
  return {
    host,
    port: String(port),
    user,
    vhost,
    config: undefined,
    text: fault.message,
    who: 'control-plane',
    proof: { source: 'broker', where: `${host}:${port}, from this host`, text: `${fault.code} ${fault.message}` },
  }
}

function triedAsGuest({ evidence }: Facts, codes: readonly string[]): Refused | undefined {
  const { fault, host, port, user, vhost } = evidence.broker?.guests ?? {}
  if (fault === undefined || !codes.includes(fault.code)) return undefined
  const proof: Proof = { source: 'broker', where: `${host}:${port}, as a guest`, text: `${fault.code} ${fault.message}` }
  return { host, port: String(port), user, vhost, config: undefined, text: fault.message, proof: [proof], who: 'guest' }
}

/** The daemon looks again by itself; a guest that has none is told. */
export function agentRestart(facts: Facts): string {
  return facts.said.length > 0 ? `sudo systemctl restart ${UNITS.guest}` : `sudo systemctl restart ${facts.agentUnit?.name ?? UNITS.agent}`
}
