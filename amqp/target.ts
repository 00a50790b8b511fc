import type { Secret } from '../contract/secret.ts'

/** One host of a transport_url, with what opens it. */
export interface AmqpTarget {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: Secret
  readonly vhost: string
  /** Absent: plain TCP. */
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string }
  /** Shown in RabbitMQ's list of connections. */
  readonly name: string
  /** Milliseconds for each step. */
  readonly timeout: number
}
