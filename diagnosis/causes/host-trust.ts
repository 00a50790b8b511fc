import { isIPv6 } from 'node:net'
import type { Cause, Proof, Step } from '../cause.ts'
import { type Facts } from '../facts.ts'
import { instant } from '../instant.ts'
import { saidProof, waitsIn } from './daemon-fault.ts'
import { configFile, hostCommand, RESTART_HOST } from './host-command.ts'
import { isHeard } from './is-heard.ts'

/** Seconds; guest-bootstrap/stages/network.ts refuses more. */
const TOO_FAR = 24 * 3600
const BY_DATE = /certificate is not yet valid|certificate has expired/

/** D5 */
export const hostUntrusted: Cause = {
  id: 'D5',
  name: 'host-certificate-refused',
  title: "the guest does not trust host-server's certificate: another CA, another name, or it has expired",
  phase: 'network',
  shows: 'HOST_UNTRUSTED, HOST_CERTIFICATE_NAME, HOST_CERTIFICATE_EXPIRED',
  needs: ['console', 'guest'],
  symptomOf: ['D6'],
  mend: 'the name in `names`, trovestrap init --renew; an image with the CA of this host',
  ahead(facts) {
    const { machine } = facts.evidence
    const { certificate: seen, names = [] } = machine?.host_server ?? {}
    const address = machine?.host?.address
    if (seen === undefined) return undefined
    if (isOver(facts) === true) return { what: "host-server's certificate has expired", proof: certificate(facts), mend: renewed(facts) }
    const named = new Set(seen.names.map(spelled))
    const missing = [...new Set([...names, ...(address === undefined ? [] : [address])])].filter((name) => !named.has(spelled(name)))
    if (missing.length === 0) return undefined
    const unlisted = missing.filter((name) => !names.includes(name))
    return {
      what: `host-server's certificate does not name ${missing.join(', ')}`,
      proof: certificate(facts),
      mend: [...(unlisted.length === 0 ? [] : [{ on: 'host' as const, say: `add ${unlisted.join(', ')} to \`names\` in ${configFile(facts.evidence)}` }]), ...renewed(facts)],
    }
  },
  find(facts) {
    if (isHeard(facts)) return undefined
    const named = waitsIn(facts, 'HOST_CERTIFICATE_NAME')
    if (named) {
      const host = named.details['host'] ?? 'the address that the guest dials'
      const { names } = facts.evidence.machine?.host_server ?? {}
      return { what: `host-server's certificate does not name ${host}`, proof: [saidProof(named), ...certificate(facts)], mend: [...(names?.includes(host) ? [] : [{ on: 'host' as const, say: `add ${host} to \`names\` in ${configFile(facts.evidence)}` }]), ...renewed(facts)] }
    }
    const untrusted = waitsIn(facts, 'HOST_UNTRUSTED')
    if (untrusted) {
      return {
        what: "the guest's image trusts another CA than the one of this host-server",
        proof: [saidProof(untrusted)],
        mend: [
          { on: 'image', run: 'trovestrap image build BASE.qcow2 -o OUT.qcow2', say: 'on this host, whose CA it puts in' },
          { on: 'guest', run: "sudo sh -c 'cat >/etc/trovestrap/ca.pem'", say: `for the guest that is there: paste ${facts.evidence.machine?.host_server.state ?? 'STATE'}/pki/ca.pem of the host, then Ctrl-D; it goes on by itself` },
        ],
      }
    }
    const expired = waitsIn(facts, 'HOST_CERTIFICATE_EXPIRED')
    if (!expired) return undefined
    const over = isOver(facts)
    if (over === undefined) return { undecided: "the dates of host-server's certificate do not fit the guest's clock; which of the two is wrong is not known", wants: ['machine', 'guest'], proof: [saidProof(expired)] }
    return over ? { what: "host-server's certificate has expired", proof: [saidProof(expired), ...certificate(facts)], mend: renewed(facts) } : undefined
  },
}

/** D6 */
export const clockOff: Cause = {
  id: 'D6',
  name: 'guest-clock-off',
  title: "the guest's clock is wrong by more than a day",
  phase: 'network',
  shows: 'CLOCK_OFF; `certificate is not yet valid`',
  needs: ['console', 'record', 'guest'],
  mend: 'set the clock, or let NTP do it, before anything is fetched',
  find(facts) {
    if (isHeard(facts)) return undefined
    const said = waitsIn(facts, 'CLOCK_OFF')
    const offset = facts.evidence.guest?.clock_offset
    const seen: Proof[] = offset !== undefined && Math.abs(offset) > TOO_FAR ? [{ source: 'guest', where: 'guest, date', text: `${Math.round(offset)} s against this host` }] : []
    const expired = waitsIn(facts, 'HOST_CERTIFICATE_EXPIRED')
    const byDate = expired && (seen.length > 0 || isOver(facts) === false) ? expired : undefined
    const line = facts.said.length === 0 && seen.length > 0 ? facts.line(BY_DATE, 'agent') : undefined
    if (!said && !byDate && !line) return undefined
    const seconds = offset ?? Number(said?.details['off_seconds'])
    return {
      what: `the guest's clock is ${Number.isFinite(seconds) ? `${apart(seconds)} ${seconds > 0 ? 'ahead' : 'behind'}` : 'far off'}`,
      proof: [...(said ? [saidProof(said)] : byDate ? [saidProof(byDate)] : [{ source: line!.source, where: line!.where, text: line!.text }]), ...seen],
      mend: [
        { on: 'guest', run: 'sudo timedatectl set-ntp true', say: 'where the guest reaches a time server; else: sudo date -u -s "YYYY-MM-DD hh:mm:ss"; it goes on by itself' },
        { on: 'host', run: 'date -u', say: "should be right: it is what the guest's clock is compared with" },
      ],
    }
  },
}

/** Whether the certificate's own time is over, by this host's clock; undefined where its end is not known. */
function isOver({ evidence, failing }: Facts): boolean | undefined {
  const end = instant(evidence.machine?.host_server.certificate?.until) ?? instant(failing?.details['valid_to'])
  const now = instant(evidence.at)
  return end === undefined || now === undefined ? undefined : end <= now
}

/** One address has several spellings in IPv6. */
function spelled(name: string): string {
  return isIPv6(name) ? new URL(`http://[${name}]`).hostname : name.toLowerCase()
}

function certificate({ evidence }: Facts): Proof[] {
  const seen = evidence.machine?.host_server.certificate
  return seen ? [{ source: 'machine', where: 'its certificate', text: `${seen.names.join(', ')}; until ${seen.until}` }] : []
}

function renewed(facts: Facts): Step[] {
  return [{ on: 'host', run: hostCommand(facts, 'init --renew') }, RESTART_HOST]
}

function apart(seconds: number): string {
  const days = Math.abs(seconds) / 86_400
  return days > 700 ? `${(days / 365.25).toFixed(1)} years` : `${days.toFixed(1)} days`
}

