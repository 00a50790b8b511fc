import type { Cause } from '../cause.ts'
import { hasAddress, tableOnConsole } from './addresses.ts'
import { saidProof, waitsIn } from './daemon-fault.ts'
import { isHeard } from './is-heard.ts'

/** C1 */
export const noAddress: Cause = {
  id: 'C1',
  name: 'guest-without-address',
  title: 'the guest has no address: DHCP is not answered, or its network interface is down',
  phase: 'network',
  shows: "NO_ADDRESS; cloud-init's `ci-info` table without an address",
  needs: ['console', 'guest'],
  mend: "DHCP for the management network: `openstack subnet set --dhcp SUBNET`, UDP 67 out of the guest",
  find(facts) {
    if (isHeard(facts) || hasAddress(facts) !== false) return undefined
    const said = waitsIn(facts, 'NO_ADDRESS')
    const rows = tableOnConsole(facts).filter(({ name }) => name !== 'lo')
    const { guest, neutron } = facts.evidence
    const seen = guest?.addresses.filter(({ interface: name }) => name !== 'lo').map(({ interface: name, address, state }) => `${name} ${state ?? ''} ${address}`.trim())
    const off = neutron?.networks.find(({ dhcp }) => dhcp === false)
    return {
      what: `the guest has no address${off ? `: the network ${off.name} has no DHCP` : ': nobody answers its DHCP, or its interface is down'}`,
      proof: [
        ...(said ? [saidProof(said)] : []),
        ...(seen && guest!.addresses.length > 0 ? [{ source: 'guest' as const, where: 'guest, ip addr', text: seen.join(' · ') || 'nothing but lo' }] : []),
        ...rows.slice(-1).map(({ proof }) => proof),
        ...(off ? [{ source: 'neutron' as const, where: `network ${off.name}`, text: 'DHCP is off' }] : []),
      ],
      mend: [
        { on: 'cloud', say: "let DHCP answer on the guests' management network: `openstack subnet set --dhcp SUBNET`; a security group has to let UDP 67 out" },
        { on: 'guest', run: 'ip -brief addr; networkctl status --no-pager; journalctl -b -u systemd-networkd -u networking --no-pager | tail -n 30', say: 'on the serial console: whether an interface is down, and why' },
      ],
    }
  },
}
