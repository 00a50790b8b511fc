import { Value } from 'typebox/value'
import { consoleLine } from '../../contract/console-line.ts'
import type { Details, StageName } from '../../contract/report.ts'
import type { Cause } from '../../diagnosis/cause.ts'
import {
  type BrokerSeen,
  Evidence,
  type GuestSeen,
  type MachineSeen,
  type NeutronSeen,
  type NovaSeen,
  type RecordSeen,
  SOURCES,
  type TroveSeen,
} from '../../diagnosis/evidence.ts'
import { factsOf } from '../../diagnosis/facts.ts'

export const INSTANCE = '5b2d1f3e-0f2c-4c8a-9d3e-2f6b1a7c9e10'
export const AT = '2026-08-01T12:05:00.000Z'

type TroveConf = NonNullable<MachineSeen['trove_conf']>
type ServedConfig = NonNullable<MachineSeen['guest_config']>

/** Only what a test is about; a source that is named was seen, every other was not looked at. */
export interface Given {
  at?: string
  record?: Partial<RecordSeen>
  broker?: Partial<BrokerSeen>
  broker_log?: string[]
  console?: string[]
  guest?: Partial<GuestSeen>
  trove?: Partial<TroveSeen>
  nova?: NovaSeen
  neutron?: Partial<NeutronSeen>
  conductor?: string[]
  taskmanager?: string[]
  machine?: { host_server?: Partial<MachineSeen['host_server']>; trove_conf?: Partial<TroveConf>; guest_config?: Partial<ServedConfig> } & Omit<
    Partial<MachineSeen>,
    'host_server' | 'trove_conf' | 'guest_config'
  >
}

/** A whole, valid evidence document around a few facts. @throws when what it makes is not one */
export function evidenceOf(given: Given): Evidence {
  const { at = AT, record, broker, broker_log, console, guest, trove, nova, neutron, conductor, taskmanager, machine } = given
  const logs = [
    ...(conductor === undefined ? [] : [{ name: 'trove-conductor', path: '/var/log/trove/trove-conductor.log', lines: conductor }]),
    ...(taskmanager === undefined ? [] : [{ name: 'trove-taskmanager', path: '/var/log/trove/trove-taskmanager.log', lines: taskmanager }]),
  ]
  const seen: Partial<Evidence> = {
    ...(record && { record: { reports: [], refused: [], ...record } }),
    ...(broker && { broker: { host: '10.0.2.2', port: 5672, vhost: 'trove', user: 'trove', tls: false, queues: {}, exchanges: {}, ...broker } }),
    ...(broker_log && { broker_log: { name: 'rabbitmq', path: '/var/log/rabbitmq/rabbit@host.log', lines: broker_log } }),
    ...(console && { console: { from: 'console.log', lines: console } }),
    ...(guest && { guest: { ...EMPTY_GUEST, ...guest } }),
    ...(trove && { trove: { from: 'database', ...trove } }),
    ...(nova && { nova }),
    ...(neutron && { neutron: { ports: [], rules: [], networks: [], ...neutron } }),
    ...(logs.length > 0 && { trove_logs: logs }),
    ...(machine && { machine: machineOf(machine) }),
  }
  const looked = Object.fromEntries(Object.keys(SOURCES).map((source) => [source, { seen: source in seen, took: 0.1 }]))
  const evidence: Evidence = { format: 1, trovestrap: '0.1.0', at, instance: INSTANCE, looked, ...seen }
  if (!Value.Check(Evidence, evidence)) throw new Error(`not evidence: ${JSON.stringify(Value.Errors(Evidence, evidence)[0])}`)
  return evidence
}

/** What one cause makes of it. */
export function ask(cause: Cause, given: Given): ReturnType<Cause['find']> {
  return cause.find(factsOf(evidenceOf(given)))
}

/** Ids of those that answer at all, in order: `D2` is found, `D2?` only suspected. */
export function answers(causes: readonly Cause[], given: Given): string[] {
  const facts = factsOf(evidenceOf(given))
  return causes.flatMap((cause) => {
    const answer = cause.find(facts)
    return answer === undefined ? [] : ['what' in answer ? cause.id : `${cause.id}?`]
  })
}

/** The daemon's line on the console for a stage that failed. */
export function failed(stage: StageName, code: string, details: Details = {}, message = 'what it expected'): string {
  return said({ stage, state: 'failed', attempt: 3, next: 5, fault: { code, message, details } })
}

/** The daemon's line on the console for a stage that is done. */
export function done(stage: StageName, note?: string): string {
  return said({ stage, state: 'done', attempt: 1, took: 0.1, ...(note === undefined ? {} : { note }) })
}

/** `guestagent.<id>` as RabbitMQ tells it; all three queues of a control plane that is well. */
export function queues(messages: number, consumers: number): BrokerSeen['queues'] {
  const idle = { present: true, messages: 0, consumers: 1 }
  return { [`guestagent.${INSTANCE}`]: { present: true, messages, consumers }, 'trove-conductor': idle, taskmanager: idle }
}

/** A unit that runs; what differs is given. */
export function unit(name: string, differs: Partial<GuestSeen['units'][number]> = {}): GuestSeen['units'][number] {
  return { name, load: 'loaded', active: 'active', sub: 'running', result: 'success', restarts: 0, enabled: 'enabled', ...differs }
}

type Line = Parameters<typeof consoleLine>[0]

function said(report: Omit<Line, 'boot' | 'seq' | 'run' | 'at' | 'uptime'>): string {
  const line = consoleLine({ boot: '0'.repeat(36), seq: 1, run: '00000000', at: AT, uptime: 20, ...report })
  return `[   20.000000] trovestrap[412]: ${line}`
}

function machineOf({ host_server, trove_conf, guest_config, ...rest }: NonNullable<Given['machine']>): MachineSeen {
  return {
    listening: [],
    host_server: { configured: true, faults: [], ...host_server },
    ...(trove_conf && { trove_conf: { file: { path: '/etc/trove/trove.conf', readable: true }, options: {}, templates: [], ...trove_conf } }),
    ...(guest_config && {
      guest_config: { file: { path: '/etc/trove/trove-guestagent.conf', readable: true }, options: {}, findings: [], ...guest_config },
    }),
    ...rest,
  }
}

const EMPTY_GUEST: GuestSeen = {
  via: 'debug@10.0.2.15:22',
  units: [],
  journals: {},
  logs: {},
  config: [],
  config_faults: [],
  files: [],
  addresses: [],
  routes: [],
  paths: [],
  probes: [],
  nameservers: [],
  disks: [],
  devices: [],
  accounts: [],
}
