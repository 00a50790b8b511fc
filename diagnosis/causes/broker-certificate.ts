// Two reasons to distrust one certificate: who signed it, and whom it names. oslo.messaging looks at the name since 2026 (73dc887a).
import type { Cause } from '../cause.ts'
import { at, refused } from './amqp-target.ts'
import { editForGuests } from './edit-guest-config.ts'

const CODES = ['AMQP_UNTRUSTED', 'AMQP_CA_MISSING', 'AMQP_CERTIFICATE_NAME', 'AMQP_TLS_FAILED', 'AMQP_FAILED']
const NAME = /altname|[Hh]ostname.?mismatch|IP address mismatch|Hostname\/IP|does not match|CERTIFICATE_NAME/
const VERIFY = /CERTIFICATE_VERIFY_FAILED/
const CLOCK = /CERT_HAS_EXPIRED|CERT_NOT_YET_VALID|has expired|not yet valid/

export const certificateUntrusted: Cause = {
  id: 'G7',
  name: 'rabbitmq-certificate-untrusted',
  title: "RabbitMQ's certificate is not from a CA that the guest knows",
  phase: 'reach-rabbitmq',
  shows: 'reach-rabbitmq fails with AMQP_UNTRUSTED or AMQP_CA_MISSING; the agent logs CERTIFICATE_VERIFY_FAILED',
  needs: ['console', 'record', 'guest', 'broker'],
  symptomOf: ['D6', 'F9'],
  mend: "put RabbitMQ's CA into the image and name it in ssl_ca_file",
  find(facts) {
    const who = refused(facts, ['AMQP_UNTRUSTED', 'AMQP_CA_MISSING'], VERIFY)
    if (who === undefined || NAME.test(who.text) || CLOCK.test(who.text)) return undefined
    const path = facts.failing?.details['path'] ?? facts.option('oslo_messaging_rabbit', 'ssl_ca_file')?.value
    const absent = facts.failing?.code === 'AMQP_CA_MISSING'
    return {
      what: absent ? `the guest has no file ${path ?? 'ssl_ca_file'} to check RabbitMQ's certificate with` : `the certificate of ${at(who)} is not from the CA that the guest is told to trust`,
      proof: who.proof,
      mend: [
        { on: 'guest', say: `put the certificate of RabbitMQ's CA into ${path ?? 'the file that ssl_ca_file names'}; the guest goes on by itself` },
        { on: 'image', say: 'put it into the next image too' },
        ...editForGuests(facts, 'or name a file that guests have, such as /etc/ssl/certs/ca-certificates.crt, as ssl_ca_file under [oslo_messaging_rabbit]'),
      ],
    }
  },
}

export const certificateName: Cause = {
  id: 'G8',
  name: 'rabbitmq-certificate-name',
  title: "RabbitMQ's certificate does not name the address that guests dial",
  phase: 'reach-rabbitmq',
  shows: 'CERTIFICATE_VERIFY_FAILED with "Hostname mismatch" or "IP address mismatch"',
  needs: ['console', 'record', 'guest'],
  symptomOf: ['F9'],
  mend: 're-issue the certificate with that name or address in subjectAltName',
  find(facts) {
    const who = refused(facts, CODES, VERIFY)
    if (who === undefined || !NAME.test(who.text)) return undefined
    return {
      what: `RabbitMQ's certificate does not name ${who.host ?? 'the address that guests dial'}`,
      proof: who.proof,
      mend: [
        { on: 'host', say: `re-issue RabbitMQ's certificate with ${who.host ?? 'that address'} in subjectAltName` },
        { on: 'host', run: 'systemctl restart rabbitmq-server' },
      ],
    }
  },
}
