import { Fault, type FaultCode } from '../contract/fault.ts'
import type { Details } from '../contract/report.ts'
import type { Peeked, System } from './system.ts'
import { wayTo } from './way-to.ts'

const SOCKET: Readonly<Record<string, FaultCode>> = {
  ECONNREFUSED: 'HOST_REFUSED',
  ENOTFOUND: 'HOST_UNKNOWN',
  EAI_AGAIN: 'HOST_UNKNOWN',
  EAI_FAIL: 'HOST_UNKNOWN',
  EHOSTUNREACH: 'NO_ROUTE',
  ENETUNREACH: 'NO_ROUTE',
  EADDRNOTAVAIL: 'NO_ROUTE',
  ETIMEDOUT: 'HOST_SILENT',
  ECONNRESET: 'HOST_FAILED',
  ERR_TLS_CERT_ALTNAME_INVALID: 'HOST_CERTIFICATE_NAME',
}

/** Those of which the way that the packets take may be the reason. */
const BY_THE_WAY: readonly FaultCode[] = ['HOST_SILENT', 'HOST_REFUSED', 'NO_ROUTE']

const UNTRUSTED =
  /^(SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_(GET_ISSUER_CERT(_LOCALLY)?|VERIFY_LEAF_SIGNATURE)|CERT_SIGNATURE_FAILURE|CERT_UNTRUSTED|INVALID_CA|INVALID_PURPOSE|CERT_REJECTED)$/

/** Turns Node's error for a connection to the host into a Fault; for dates it looks at what stands there, and says which clock is off. */
export async function hostFault(system: System, url: string, error: Error): Promise<Fault> {
  const code = (error as NodeJS.ErrnoException).code ?? ''
  const { hostname, port } = new URL(url)
  const details = { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 443) }
  const fault = (name: FaultCode, explanation: string, more: Details = {}): Fault =>
    new Fault(name, { ...details, ...more }, explanation, { cause: error })
  const where = `${hostname}:${details.port}`

  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID') {
    return byDates(system.clock.now(), await peeked(system, url), (name, explanation, more) => fault(name, `${where}: ${explanation}`, more))
  }
  if (code === 'ECONNRESET') return fault('HOST_FAILED', `${where} closed the connection`)
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return fault('HOST_CERTIFICATE_NAME', `${where}; add it to \`names\` in the host's config.yaml, then: trovestrap init --renew`)
  }
  const name = SOCKET[code]
  if (name) return fault(name, where, BY_THE_WAY.includes(name) ? await wayTo(system, details.host, error) : {})
  if (UNTRUSTED.test(code)) return fault('HOST_UNTRUSTED', `${where}: ${error.message}; build the image again with this host's CA`)
  if (code.startsWith('ERR_SSL') || code === 'EPROTO' || code.startsWith('HPE_')) return fault('HOST_NOT_TLS', `${where}: ${shortened(error.message)}`)
  return fault('HOST_FAILED', `${where}: ${error.message}`)
}

/** The certificate's dates are wrong for this guest's clock; the host's own clock tells whose fault it is. */
function byDates(now: number, seen: Peeked | undefined, fault: (code: FaultCode, explanation: string, more: Record<string, string | number>) => Fault): Fault {
  if (!seen) return fault('HOST_CERTIFICATE_EXPIRED', 'its dates do not fit this guest\'s clock', { guest_clock: iso(now) })
  const dates = { guest_clock: iso(now), valid_from: iso(seen.validFrom), valid_to: iso(seen.validTo) }
  const hostNow = seen.date
  if (hostNow !== undefined && hostNow >= seen.validFrom && hostNow <= seen.validTo) {
    const seconds = Math.round((now - hostNow) / 1000)
    return fault('CLOCK_OFF', `this guest says ${iso(now)}, the host ${iso(hostNow)}; set the clock or let NTP do it`, {
      ...dates,
      host_clock: iso(hostNow),
      off_seconds: seconds,
    })
  }
  return fault('HOST_CERTIFICATE_EXPIRED', `valid from ${dates.valid_from} to ${dates.valid_to}; on the host: trovestrap init --renew`, dates)
}

async function peeked(system: System, url: string): Promise<Peeked | undefined> {
  try {
    return await system.peek(url, 5000)
  } catch {
    return undefined
  }
}

const iso = (time: number): string => new Date(time).toISOString().replace(/\.\d+/, '')

/** OpenSSL's messages are long paths; the last parts are the words. */
const shortened = (message: string): string => message.split(':').slice(-4).filter((part) => !/\.c$|^\d+$/.test(part)).join(' ').trim().slice(0, 120)
