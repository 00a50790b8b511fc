import { Fault, type FaultCode } from '../contract/fault.ts'
import type { AmqpTarget } from './target.ts'
import { details, where } from './target-details.ts'
import { secondLook, type Sight } from './second-look.ts'
import { speaksTls } from './speaks-tls.ts'

/** What Node says when the connection itself fails. */
const SOCKET: Readonly<Record<string, FaultCode>> = {
  ECONNREFUSED: 'AMQP_REFUSED',
  ENOTFOUND: 'AMQP_HOST_UNKNOWN',
  EAI_AGAIN: 'AMQP_HOST_UNKNOWN',
  EAI_FAIL: 'AMQP_HOST_UNKNOWN',
  EAI_NODATA: 'AMQP_HOST_UNKNOWN',
  EHOSTUNREACH: 'AMQP_UNREACHABLE',
  ENETUNREACH: 'AMQP_UNREACHABLE',
}

/** What OpenSSL says of a certificate, as Node passes it on. */
const UNTRUSTED =
  /^(SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_(GET_ISSUER_CERT(_LOCALLY)?|VERIFY_LEAF_SIGNATURE)|CERT_SIGNATURE_FAILURE|CERT_UNTRUSTED|INVALID_CA|CERT_CHAIN_TOO_LONG)$/

/** Turns what amqplib's connect() rejects with into a Fault; where that says too little, it looks a second time. */
export async function connectFault(error: Error, target: AmqpTarget): Promise<Fault> {
  const code = (error as NodeJS.ErrnoException).code ?? ''
  const fault = (name: FaultCode, explanation?: string, more: Record<string, string> = {}): Fault =>
    new Fault(name, { ...details(target), ...more }, explanation, { cause: error })

  const silent = error.message === 'connect ETIMEDOUT'
  if (!silent && code === 'ETIMEDOUT') return unanswered(target, fault)
  if (!silent && SOCKET[code]) return fault(SOCKET[code], where(target))
  if (UNTRUSTED.test(code)) {
    const authority = target.tls?.ca === undefined ? 'the authorities of this image' : 'ssl_ca_file'
    return fault('AMQP_UNTRUSTED', `${error.message}; expected a certificate from ${authority}`)
  }
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID') return fault('AMQP_TLS_FAILED', `${error.message}; compare the clocks`)
  if (/ACCESS.REFUSED/.test(error.message)) return fault('AMQP_LOGIN_REFUSED', `user ${target.user} at ${where(target)}`)
  if (target.tls && /WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|RECORD_LAYER_FAILURE/.test(code)) {
    return fault('AMQP_NOT_TLS', `${where(target)}; the plain port is 5672, the one for ssl usually 5671`)
  }
  if (target.tls && (code.startsWith('ERR_SSL') || code === 'EPROTO')) return fault('AMQP_TLS_FAILED', error.message)
  return unclear(await secondLook(target), target, error, fault)
}

async function unclear(
  sight: Sight,
  target: AmqpTarget,
  error: Error,
  fault: (code: FaultCode, explanation?: string, more?: Record<string, string>) => Fault,
): Promise<Fault> {
  // A connection that was never made says nothing of what the port speaks.
  if (sight.kind === 'silent' && !sight.connected) return unanswered(target, fault)
  if (sight.kind === 'closed') return closedBy(sight.text, target, fault)
  if (sight.kind === 'other') return fault('AMQP_NOT_AMQP', `it says ${JSON.stringify(sight.text)}`)
  if (!target.tls && (sight.kind === 'tls' || (await speaksTls(target)))) {
    return fault('AMQP_TLS_EXPECTED', 'set ssl = true under [oslo_messaging_rabbit], or use the plain port (usually 5672)')
  }
  if (sight.kind === 'silent') return fault('AMQP_SILENT', `${where(target)} takes the connection and says nothing`, { tcp: 'open' })
  if (sight.kind === 'ended') return fault('AMQP_NOT_AMQP', `${where(target)} closes the connection without a word of AMQP`)
  return fault('AMQP_FAILED', `${where(target)}: ${error.message}`)
}

/** As a firewall that drops looks from here. */
function unanswered(target: AmqpTarget, fault: (code: FaultCode, explanation?: string, more?: Record<string, string>) => Fault): Fault {
  return fault('AMQP_SILENT', `${where(target)}: no answer to a TCP connection`, { tcp: 'silent' })
}

/** RabbitMQ's words for a refused Connection.Open (rabbit_reader.erl, rabbit_access_control.erl). */
function closedBy(text: string, target: AmqpTarget, fault: (code: FaultCode, explanation?: string) => Fault): Fault {
  if (/vhost .*not found/.test(text)) return fault('AMQP_VHOST_NOT_FOUND', `rabbitmqctl add_vhost ${target.vhost}`)
  if (/access to vhost/.test(text)) {
    return fault('AMQP_VHOST_REFUSED', `rabbitmqctl set_permissions -p ${target.vhost} ${target.user} '.*' '.*' '.*'`)
  }
  if (/ACCESS_REFUSED/.test(text)) return fault('AMQP_LOGIN_REFUSED', `user ${target.user} at ${where(target)}`)
  return fault('AMQP_FAILED', text)
}
