import type { Details, StageName } from './report.ts'

/** `passing`: goes away by itself (a host that boots). `operator`: somebody has to mend something; tried again all the same, more slowly. */
export type FaultKind = 'passing' | 'operator'

interface FaultMeaning {
  readonly stage: StageName
  readonly kind: FaultKind
  readonly title: string
}

/** Every way in which a stage can fail. The code is what programs match; the title is the constant part of the message. */
export const FAULTS = {
  IMAGE_CONFIG_INVALID: { stage: 'identify', kind: 'operator', title: "the image's own configuration for this daemon cannot be read" },
  NO_GUEST_ID: { stage: 'identify', kind: 'passing', title: 'no guest_id was injected into this instance' },
  GUEST_INFO_INVALID: { stage: 'identify', kind: 'operator', title: 'the injected guest_info cannot be read' },

  NO_ADDRESS: { stage: 'network', kind: 'passing', title: 'no network interface has an address' },
  NO_ROUTE: { stage: 'network', kind: 'passing', title: 'there is no route to the host' },
  HOST_UNKNOWN: { stage: 'network', kind: 'passing', title: "the host's name does not resolve" },
  HOST_REFUSED: { stage: 'network', kind: 'passing', title: 'the host refused the connection' },
  HOST_SILENT: { stage: 'network', kind: 'passing', title: 'the host does not answer' },
  HOST_NOT_TLS: { stage: 'network', kind: 'operator', title: 'what answers at the address does not speak TLS 1.3' },
  HOST_UNTRUSTED: { stage: 'network', kind: 'operator', title: "the host's certificate is not from the CA in this image" },
  HOST_CERTIFICATE_EXPIRED: { stage: 'network', kind: 'operator', title: "the host's certificate has expired" },
  HOST_CERTIFICATE_NAME: { stage: 'network', kind: 'operator', title: "the host's certificate does not name this address" },
  CLOCK_OFF: { stage: 'network', kind: 'operator', title: "this guest's clock is too far from the host's" },
  HOST_FAILED: { stage: 'network', kind: 'passing', title: 'the host answered with an error' },
  HOST_BUSY: { stage: 'fetch', kind: 'passing', title: 'the host serves many other guests first' },
  HOST_ANSWER_INVALID: { stage: 'network', kind: 'operator', title: 'the answer is not one that host-server gives' },

  TOKEN_MISSING: { stage: 'enrol', kind: 'operator', title: 'this instance has no bootstrap token' },
  TOKEN_REFUSED: { stage: 'enrol', kind: 'operator', title: 'the bootstrap token is not valid' },
  INSTANCE_TAKEN: { stage: 'enrol', kind: 'operator', title: 'this instance is enrolled already, with another key' },
  CREDENTIAL_REFUSED: { stage: 'enrol', kind: 'operator', title: "this instance's credential is no longer valid" },
  APPROVAL_PENDING: { stage: 'enrol', kind: 'operator', title: 'an operator has to let this instance in' },
  ATTESTATION_REFUSED: { stage: 'enrol', kind: 'operator', title: 'OpenStack contradicts what this instance says of itself' },
  ATTESTATION_UNDECIDED: { stage: 'enrol', kind: 'passing', title: 'the host could not ask OpenStack about this instance' },
  TOO_MANY_ATTEMPTS: { stage: 'enrol', kind: 'passing', title: 'the host has refused too many attempts from this address' },

  NOTHING_TO_FETCH: { stage: 'fetch', kind: 'passing', title: 'the host has no source to hand out yet' },
  SIGNATURE_INVALID: { stage: 'fetch', kind: 'operator', title: "the manifest is not signed with the host's key" },
  MANIFEST_INVALID: { stage: 'fetch', kind: 'operator', title: 'the manifest is not one this daemon understands' },
  MANIFEST_OLDER: { stage: 'fetch', kind: 'operator', title: 'the manifest is older than one that this guest has accepted' },
  CONTENT_DIFFERS: { stage: 'fetch', kind: 'passing', title: 'the content is not what the manifest promises' },
  DISK_FULL: { stage: 'fetch', kind: 'operator', title: 'not enough free space' },
  DISK_READ_ONLY: { stage: 'fetch', kind: 'operator', title: 'the file system is read-only' },

  SYNTAX_ERROR: { stage: 'fetch', kind: 'operator', title: 'a module of the tree does not compile' },

  CONFIG_INVALID: { stage: 'configure', kind: 'operator', title: 'the configuration cannot be read' },
  AGENT_USER_MISSING: { stage: 'configure', kind: 'operator', title: 'the user of the Trove agent does not exist' },

  PYTHON_MISSING: { stage: 'install-requirements', kind: 'operator', title: 'the image has no Python 3' },
  PYTHON_TOO_OLD: { stage: 'install-requirements', kind: 'operator', title: "the image's Python is older than this Trove wants" },
  PYTHON_MANAGED: { stage: 'install-requirements', kind: 'operator', title: "the image's Python is externally managed (PEP 668) and cannot make a venv" },
  PIP_MISSING: { stage: 'install-requirements', kind: 'operator', title: 'the image has no pip' },
  REQUIREMENT_NOT_FOUND: { stage: 'install-requirements', kind: 'operator', title: 'no index offers a requirement' },
  REQUIREMENT_CONFLICT: { stage: 'install-requirements', kind: 'operator', title: 'two requirements exclude each other' },
  WHEEL_NOT_BUILT: { stage: 'install-requirements', kind: 'operator', title: 'a requirement has no wheel and cannot be built here' },
  INDEX_UNREACHABLE: { stage: 'install-requirements', kind: 'passing', title: 'pip cannot reach the index' },
  PIP_FAILED: { stage: 'install-requirements', kind: 'passing', title: 'pip failed' },

  TRANSPORT_URL_MISSING: { stage: 'reach-rabbitmq', kind: 'operator', title: 'no transport_url is configured' },
  TRANSPORT_URL_INVALID: { stage: 'reach-rabbitmq', kind: 'operator', title: 'transport_url cannot be read' },
  AMQP_HOST_UNKNOWN: { stage: 'reach-rabbitmq', kind: 'passing', title: "RabbitMQ's host name does not resolve" },
  AMQP_REFUSED: { stage: 'reach-rabbitmq', kind: 'passing', title: 'connection refused' },
  AMQP_SILENT: { stage: 'reach-rabbitmq', kind: 'passing', title: 'no answer' },
  AMQP_UNREACHABLE: { stage: 'reach-rabbitmq', kind: 'passing', title: 'no route to the host' },
  AMQP_CA_MISSING: { stage: 'reach-rabbitmq', kind: 'operator', title: 'ssl_ca_file cannot be read' },
  AMQP_UNTRUSTED: { stage: 'reach-rabbitmq', kind: 'operator', title: "RabbitMQ's certificate is not from the CA in ssl_ca_file" },
  AMQP_NOT_TLS: { stage: 'reach-rabbitmq', kind: 'operator', title: 'ssl is on, but the port does not speak TLS' },
  AMQP_TLS_FAILED: { stage: 'reach-rabbitmq', kind: 'operator', title: 'the TLS handshake failed' },
  AMQP_TLS_EXPECTED: { stage: 'reach-rabbitmq', kind: 'operator', title: 'the port speaks TLS, but ssl is off' },
  AMQP_NOT_AMQP: { stage: 'reach-rabbitmq', kind: 'operator', title: 'the port does not speak AMQP' },
  AMQP_LOGIN_REFUSED: { stage: 'reach-rabbitmq', kind: 'operator', title: 'login refused' },
  AMQP_VHOST_NOT_FOUND: { stage: 'reach-rabbitmq', kind: 'operator', title: 'the vhost does not exist' },
  AMQP_VHOST_REFUSED: { stage: 'reach-rabbitmq', kind: 'operator', title: 'the user has no access to the vhost' },
  AMQP_PERMISSION: { stage: 'reach-rabbitmq', kind: 'operator', title: 'the user lacks a permission' },
  AMQP_EXCHANGE_DIFFERS: { stage: 'reach-rabbitmq', kind: 'operator', title: 'the exchange exists with other properties' },
  AMQP_QUEUE_DIFFERS: { stage: 'reach-rabbitmq', kind: 'operator', title: 'the queue exists with other properties' },
  AMQP_BLOCKED: { stage: 'reach-rabbitmq', kind: 'operator', title: 'RabbitMQ blocks publishers (memory or disk alarm)' },
  AMQP_FAILED: { stage: 'reach-rabbitmq', kind: 'passing', title: 'the AMQP connection failed' },

  AGENT_START_FAILED: { stage: 'start-agent', kind: 'operator', title: "the Trove agent's unit does not start" },
  AGENT_EXITED: { stage: 'confirm', kind: 'operator', title: 'the Trove agent started and ended again' },
  AGENT_NOT_HEARD: { stage: 'confirm', kind: 'passing', title: 'the Trove agent does not consume its queue yet' },

  REVISION_ROLLED_BACK: { stage: 'ready', kind: 'operator', title: 'the agent does not come up from a changed tree; the one before runs again' },

  AGENT_FAILED: { stage: 'ready', kind: 'operator', title: 'the Trove agent was heard, and has ended since' },

  UNEXPECTED: { stage: 'identify', kind: 'passing', title: 'unexpected error' },
} as const satisfies Record<string, FaultMeaning>

export type FaultCode = keyof typeof FAULTS

/**
 * Why a stage could not be finished. `details` are the parts that vary (host, port, user, path …) and never hold a secret;
 * `explanation` says what was expected, what came and what would mend it.
 */
export class Fault extends Error {
  readonly code: FaultCode
  readonly details: Details
  readonly explanation: string | undefined
  /** Seconds before which trying again is of no use, where somebody said so. */
  readonly wait: number | undefined

  constructor(code: FaultCode, details: Details = {}, explanation?: string, options?: ErrorOptions & { wait?: number | undefined }) {
    super(explanation === undefined ? FAULTS[code].title : `${FAULTS[code].title}: ${explanation}`, options)
    this.name = 'Fault'
    this.code = code
    this.details = details
    this.explanation = explanation
    this.wait = options?.wait
  }

  get kind(): FaultKind {
    return FAULTS[this.code].kind
  }
}
