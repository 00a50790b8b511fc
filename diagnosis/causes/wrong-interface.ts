import type { Cause, Proof } from '../cause.ts'
import { type Facts } from '../facts.ts'
import { isHeard } from './is-heard.ts'
import { MAKE_AGAIN, setTroveOption } from './trove-option.ts'
import { answersElsewhere, unansweredWay, type Way } from './way-to.ts'

const BRIDGE = /^(docker\d+|br-[0-9a-f]{6,})$/
/** Of a range that Docker does not take by itself, and rarely anybody else. */
const FREE_RANGE = '10.254.254.1/24'

/** C8 */
export const dockerOverlaps: Cause = {
  id: 'C8',
  name: 'docker-network-overlaps',
  title: "Docker's network in the guest overlaps the one in which host or broker are",
  phase: 'network',
  shows: 'host or broker go silent once Docker is up; `ip route get` names docker0',
  needs: ['console', 'record', 'guest'],
  mend: 'docker_bridge_network_ip in trove.conf, with a network that nobody uses',
  find(facts) {
    const way = isHeard(facts) ? undefined : (unansweredWay(facts) ?? refusedWay(facts))
    if (way?.dev === undefined || !BRIDGE.test(way.dev)) return undefined
    return {
      what: `the guest looks for ${way.host} behind ${way.dev}: Docker's network there overlaps the one of ${way.host}`,
      proof: way.proof,
      mend: [
        ...setTroveOption(facts, 'docker_bridge_network_ip', FREE_RANGE),
        MAKE_AGAIN,
        { on: 'guest', run: `printf '{"bip": "${FREE_RANGE}"}\\n' | sudo tee /etc/docker/daemon.json && sudo ip link delete ${way.dev} && sudo systemctl restart docker`, say: 'for the guest that is there; it goes on by itself' },
      ],
    }
  },
}

/** On a bridge nobody may answer, or the guest itself. */
function refusedWay({ failing }: Facts): Way | undefined {
  const { host, port, dev } = failing?.details ?? {}
  if (host === undefined || dev === undefined || !/^(HOST|AMQP)_/.test(failing?.code ?? '')) return undefined
  return { host, port: Number(port), tcp: undefined, dev, proof: [{ ...failing!.proof, text: failing!.proof.text.slice(0, 400) }] }
}

/** C3 */
export const userInterfaceDown: Cause = {
  id: 'C3',
  name: 'network-isolation-cuts-off',
  title: 'network_isolation takes the interface down that leads to broker or registry',
  phase: 'reach-rabbitmq',
  shows: "it works until the agent starts; then no route, with eth1.json there and the user's interface DOWN",
  needs: ['guest'],
  mend: 'a way to broker and registry on the management network, or network_isolation = False in trove.conf',
  find(facts) {
    const way = isHeard(facts) ? undefined : unansweredWay(facts)
    const down = way && isolatedInterface(facts)
    if (!down || (way.dev !== undefined && BRIDGE.test(way.dev)) || answersElsewhere(facts, way)) return undefined
    return {
      what: `network_isolation has taken an interface down, and ${way.host} is not to be reached by what is left`,
      proof: [down, ...way.proof],
      mend: [{ on: 'cloud', say: `give the management network a way to ${way.host}, or:` }, { on: 'host', run: 'crudini --set /etc/trove/trove.conf network network_isolation False' }, MAKE_AGAIN],
    }
  },
}

function isolatedInterface(facts: Facts): Proof | undefined {
  const { guest } = facts.evidence
  const down = guest?.addresses.find(({ interface: name, state }) => state?.toUpperCase() === 'DOWN' && !/^(lo|docker\d*|br-|veth)/.test(name))
  return down && facts.file('/etc/trove/eth1.json')?.exists === true ? { source: 'guest', where: 'guest, ip addr', text: `${down.interface} DOWN, and /etc/trove/eth1.json is there` } : undefined
}

/** C2 */
export const twoDefaultRoutes: Cause = {
  id: 'C2',
  name: 'two-default-routes',
  title: 'the guest has two default routes, and the wrong one wins',
  phase: 'network',
  shows: 'no answer, although the management network leads there; `ip route get` names the user network\'s interface',
  needs: ['guest'],
  mend: "no gateway on the management network's subnet, or none on the user's",
  find(facts) {
    const way = isHeard(facts) ? undefined : unansweredWay(facts)
    const routes = (facts.evidence.guest?.routes ?? []).filter((line) => line.startsWith('default '))
    const devs = new Set(routes.map((line) => /\bdev (\S+)/.exec(line)?.[1]))
    if (!way?.dev || devs.size < 2 || !devs.has(way.dev) || answersElsewhere(facts, way)) return undefined
    const proof: Proof[] = [{ source: 'guest', where: 'guest, ip route', text: routes.join(' · ') }, ...way.proof]
    const reached = reachedBy(facts)
    if (reached === undefined || reached === way.dev) return { undecided: `the guest has ${devs.size} default routes; whether ${way.dev} is the right way to ${way.host} is not known`, wants: ['neutron'], proof }
    return {
      what: `the guest goes to ${way.host} by ${way.dev}, while ${reached} is the way by which it is reached: of two default routes the wrong one wins`,
      proof,
      mend: [{ on: 'cloud', run: 'openstack subnet list --long', say: 'then `openstack subnet set --gateway none SUBNET` for the one that should have no default route' }, { on: 'guest', run: `sudo ip route del default dev ${safeDev(way.dev)}`, say: 'for the guest that is there; it goes on by itself' }],
    }
  },
}

/** The interface whose address answered SSH. */
function reachedBy({ evidence: { guest } }: Facts): string | undefined {
  const address = /@\[?([0-9a-f.:]+?)\]?(?::\d+)?(?:\s|$)/i.exec(guest?.via ?? '')?.[1]
  return guest?.addresses.find((one) => address !== undefined && one.address.split('/')[0] === address)?.interface
}

const safeDev = (dev: string): string => (/^[A-Za-z0-9._-]{1,15}$/.test(dev) ? dev : 'eth1')
