import type { Details } from '../contract/report.ts'
import type { AmqpTarget } from './target.ts'

/** What a report may say about a broker: everything but the password. */
export function details({ host, port, vhost, user }: AmqpTarget): Details {
  return { host, port, vhost, user }
}

export function where({ host, port }: Pick<AmqpTarget, 'host' | 'port'>): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}
