import type { Cause } from '../../diagnosis/cause.ts'
import type { Evidence } from '../../diagnosis/evidence.ts'

export const INSTANCE = '5b2d1f3e-0000-4000-8000-000000000001'
export const AT = '2026-01-01T12:05:00.000Z'

/** Evidence of an instance of which nobody has seen anything but what a test puts in. */
export function evidenceOf(seen: Partial<Evidence> = {}): Evidence {
  return { format: 1, trovestrap: '0.1.0', at: AT, instance: INSTANCE, name: 'db-2', looked: {}, ...seen }
}

/** The host's record of what the daemon said: `fetch failed HOST_SILENT` at so many seconds before it was looked at. */
export function recordOf(...said: { stage: string; state: string; code?: string; message?: string; attempt?: number; ago: number }[]): NonNullable<Evidence['record']> {
  return {
    reports: said.map(({ stage, state, code, message, attempt = 1, ago }, at) => ({
      received: new Date(Date.parse(AT) - ago * 1000).toISOString(),
      report: {
        boot: '00000000-0000-0000-0000-000000000001',
        run: '0badcafe',
        seq: at + 1,
        at: AT,
        uptime: 1,
        attempt,
        stage: stage as 'fetch',
        state: state as 'done',
        ...(code === undefined ? {} : { fault: { code, message: message ?? code, details: {} } }),
      },
    })),
    refused: [],
  }
}

/** RabbitMQ as it is with a queue of the instance's. */
export function brokerOf(consumers: number, messages = 0): NonNullable<Evidence['broker']> {
  return { host: '10.0.2.2', port: 5672, vhost: '/', user: 'trove', tls: false, queues: { [`guestagent.${INSTANCE}`]: { present: true, consumers, messages } }, exchanges: {} }
}

/** Trove's database as it is with an agent that has said this so many seconds ago. */
export function troveOf(text: string, ago: number, created = 300): NonNullable<Evidence['trove']> {
  const time = (seconds: number): string => new Date(Date.parse(AT) - seconds * 1000).toISOString()
  return { from: 'database', instance: { name: 'db-2', created: time(created) }, service: { text, updated: time(ago) } }
}

/** A cause that says what a test wants of it. */
export function causeOf(id: string, find: Cause['find'], changes: Partial<Cause> = {}): Cause {
  return { id, name: `cause-${id.toLowerCase()}`, title: `title of ${id}`, phase: 'network', shows: 'something', needs: ['console'], mend: 'mend it', find, ...changes }
}

export const found = (what: string) => () => ({ what, proof: [{ source: 'console' as const, where: 'guest console', text: 'a line' }], mend: [{ on: 'host' as const, run: 'systemctl start it' }] })
