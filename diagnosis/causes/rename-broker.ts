import { isIP } from 'node:net'
import { GUEST } from '../../contract/paths.ts'
import type { Step } from '../cause.ts'
import type { Facts } from '../facts.ts'
import { guestConfigPath, readAgain, setAside } from './edit-guest-config.ts'
import { isLoopback } from './loopback.ts'
import { safeWord } from './safe-word.ts'

/**
 * Puts an address that guests reach into transport_url in the place of `host`, without touching the password beside it.
 * @param config the file in the guest that names `host`, where it is not the served one: the served one then counts without it
 */
export function renameBroker(facts: Facts, host: string | undefined, config: string | undefined): Step[] {
  if (config !== undefined) return [setAside(config)]
  const to = reachableAddress(facts)
  const from = safeWord(host)
  const file = guestConfigPath(facts)
  if (to === undefined || from === undefined || !/^[\w.:-]+$/.test(from)) {
    return [{ on: 'host', say: `put the broker's address on the guests' management network in the place of ${host ?? 'its host'} into transport_url in ${file}` }, readAgain(facts)]
  }
  return [{ on: 'host', run: `sed -i '/^ *transport_url/s/@${from.replaceAll('.', '\\.')}\\([:/,]\\)/@${to}\\1/g' ${file}`, say: `an address that guests reach, in the place of ${from}` }, readAgain(facts)]
}

/** Which file in the guest names the broker, where it is not the one that host-server gives out. */
export function otherFile({ failing, evidence }: Facts): string | undefined {
  const said = failing?.details['config']
  if (said !== undefined) return said
  const { guest } = evidence
  const file = guest?.transport?.file
  // A guest that host-server gives nothing reads what Trove injected.
  return guest?.config.some((set) => set.file === GUEST.servedConfig) === true && file !== GUEST.servedConfig ? file : undefined
}

/** By which guests reach the machine that RabbitMQ runs on: the control plane's own word for it, else the address of host-server beside it. */
function reachableAddress({ evidence, said, failing }: Facts): string | undefined {
  const { machine } = evidence
  const control = machine?.trove_conf?.transport?.hosts[0]?.host
  if (control !== undefined && isIP(control) !== 0 && !isLoopback(control)) return wrapped(control)
  const greeted = said.findLast(({ stage, state }) => stage === 'network' && state === 'done')?.note
  const dialled = failing?.code?.startsWith('HOST_') === true ? failing.details['host'] : undefined
  const named = [dialled, /https:\/\/\[?([0-9a-f.:]+?)\]?:\d+/i.exec(greeted ?? '')?.[1], ...(machine?.host_server.names ?? [])]
  const own = named.find((name) => name !== undefined && isIP(name) !== 0 && !isLoopback(name))
  return own === undefined ? undefined : wrapped(own)
}

const wrapped = (address: string): string => (isIP(address) === 6 ? `[${address}]` : address)
