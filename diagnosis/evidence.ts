// What was seen of one instance, as plain data: it can be saved, sent to somebody else, and judged again anywhere.
// Everything that is absent was not looked at, and `looked` says why; nothing here is ever a secret (scrub-evidence.ts).
import { Type } from 'typebox'
import { InstanceView } from '../contract/operator-view.ts'
import { Report } from '../contract/report.ts'
import { BrokerSeen } from './broker-seen.ts'
import { AgentSeen, FlavorSeen, LoginSeen, QuotaSeen, ServiceSeen, VersionSeen } from './cloud-seen.ts'
import { Lines, Optional, Text, Time } from './evidence-words.ts'
import { GuestSeen } from './guest-seen.ts'
import { HostSeen } from './host-seen.ts'

/** Who looks. The name is the one that people see: "not seen: the guest over SSH". */
export const SOURCES = {
  record: "host-server's record",
  broker: 'RabbitMQ',
  broker_log: "RabbitMQ's log",
  console: 'the serial console',
  guest: 'the guest over SSH',
  trove: "Trove's database or API",
  nova: 'Nova',
  neutron: 'Neutron',
  trove_logs: 'the logs of trove-conductor and trove-taskmanager',
  machine: 'this host',
} as const
export type Source = keyof typeof SOURCES

/** How one collector fared. */
export const Looked = Type.Object({
  seen: Type.Boolean(),
  /** Why not, or what of it could not be seen: `connection refused: 10.0.2.15:22`. */
  why: Optional(Text),
  /** Seconds. */
  took: Type.Number(),
})

/** host-server's own record, by its API. */
export const RecordSeen = Type.Object({
  /** Absent: the instance is not enrolled. */
  view: Optional(InstanceView),
  /** Newest last; at most 300. */
  reports: Type.Array(Type.Object({ received: Time, report: Report })),
  /** Enrolments that were refused in the last day, newest first: of any instance. */
  refused: Type.Array(Type.Object({ at: Time, address: Text, instance: Optional(Text), code: Text })),
  /** What the instance fetched last of each kind: `manifest`, `content`, `config`, `wheels`. */
  served: Optional(Type.Array(Type.Object({ what: Text, at: Time, status: Type.Number() }))),
  health: Optional(Type.Object({ status: Text, revision: Text, stale: Optional(Type.Array(Text)) })),
  /** Other enrolled instances that came from the same address as this one, or with its name. */
  neighbours: Optional(Type.Array(InstanceView)),
})

export const LogSeen = Type.Object({
  /** `rabbitmq`, `trove-conductor`, `trove-taskmanager`. */
  name: Text,
  path: Text,
  /** The end of it, newest last. */
  lines: Lines,
})

export const ConsoleSeen = Type.Object({
  /** A path, or `Nova`. */
  from: Text,
  /** Without colours and control characters; the newest last. */
  lines: Lines,
})

export const TroveSeen = Type.Object({
  from: Type.Union([Type.Literal('database'), Type.Literal('api')]),
  /** Absent: there is no row for it. */
  instance: Optional(
    Type.Object({
      name: Optional(Text),
      /** API status: BUILD, ERROR, ACTIVE … */
      status: Optional(Text),
      /** 0x05 BUILDING, 0x5b guestagent timeout … (trove/instance/tasks.py) */
      task: Optional(Type.Number()),
      task_text: Optional(Text),
      created: Optional(Time),
      updated: Optional(Time),
      deleted: Optional(Type.Boolean()),
      compute_instance_id: Optional(Text),
      /** Whether an RPC key is stored. */
      has_rpc_key: Optional(Type.Boolean()),
      datastore: Optional(Text),
      datastore_version: Optional(Text),
    }),
  ),
  service: Optional(
    Type.Object({
      /** 0x17 new, 0x09 building, 0x21 healthy … (trove/instance/service_status.py) */
      id: Optional(Type.Number()),
      text: Text,
      updated: Optional(Time),
    }),
  ),
  /** instance_faults, the newest. */
  fault: Optional(Type.Object({ message: Text, details: Optional(Text), created: Optional(Time) })),
  login: Optional(LoginSeen),
  /** Of every datastore; only `doctor` asks. */
  versions: Optional(Type.Array(VersionSeen)),
})

export const NovaSeen = Type.Object({
  /** Absent: Nova has no such server. */
  server: Optional(
    Type.Object({
      id: Text,
      name: Optional(Text),
      status: Text,
      task: Optional(Text),
      power: Optional(Text),
      host: Optional(Text),
      created: Optional(Time),
      fault: Optional(Type.Object({ code: Optional(Type.Number()), message: Text })),
      addresses: Type.Array(Type.Object({ network: Text, address: Text, kind: Optional(Text) })),
      flavor: Optional(Type.Object({ name: Optional(Text), ram: Optional(Type.Number()), disk: Optional(Type.Number()) })),
      config_drive: Optional(Text),
    }),
  ),
  // From here on only `doctor` asks.
  services: Optional(Type.Array(ServiceSeen)),
  flavors: Optional(Type.Array(FlavorSeen)),
  quotas: Optional(Type.Array(QuotaSeen)),
})

export const NeutronSeen = Type.Object({
  ports: Type.Array(
    Type.Object({
      id: Text,
      status: Text,
      addresses: Type.Array(Text),
      network: Text,
      binding: Optional(Text),
      security_groups: Type.Array(Text),
    }),
  ),
  rules: Type.Array(Type.Object({ group: Text, direction: Text, protocol: Optional(Text), from: Optional(Type.Number()), to: Optional(Type.Number()), remote: Optional(Text) })),
  networks: Type.Array(Type.Object({ id: Text, name: Text, mtu: Optional(Type.Number()), dhcp: Optional(Type.Boolean()) })),
  /** Only `doctor` asks. */
  agents: Optional(Type.Array(AgentSeen)),
  quotas: Optional(Type.Array(QuotaSeen)),
})

const FileSeen = Type.Object({ path: Text, readable: Type.Boolean(), why: Optional(Text) })

/** The host that diagnose runs on: host-server's, usually the controller. */
export const MachineSeen = Type.Object({
  /** TCP ports that listen, with the address they listen on. */
  listening: Type.Array(Type.Object({ address: Text, port: Type.Number() })),
  /** Policy of the filter table's forward chain; absent where it could not be read. */
  forward: Optional(Type.Object({ policy: Text, from: Text })),
  host_server: Type.Object({
    configured: Type.Boolean(),
    config_file: Optional(Text),
    port: Optional(Type.Number()),
    names: Optional(Type.Array(Text)),
    listening: Optional(Type.Boolean()),
    /** What keeps host-server from starting, or from taking a change over: the words of `trovestrap serve`. */
    faults: Type.Array(Type.Object({ part: Text, message: Text })),
    source: Optional(Text),
    /** Of the certificate it would show: names and end. */
    certificate: Optional(Type.Object({ names: Type.Array(Text), until: Time })),
    state: Optional(Text),
  }),
  /** trove.conf, so far as it matters to guests. */
  trove_conf: Optional(
    Type.Object({
      file: FileSeen,
      transport: Optional(Type.Object({ hosts: Type.Array(Type.Object({ host: Text, port: Type.Number(), user: Text })), vhost: Text, tls: Type.Boolean() })),
      /** Effective value of plain options: control_exchange, usage_timeout, controller_address, injected_config_owner, use_nova_server_config_drive … */
      options: Type.Record(Type.String(), Text),
      guest_config: Optional(FileSeen),
      /** `<cloudinit_location>/<manager>.cloudinit`, and why cloud-init or Trove could not use it. */
      templates: Type.Array(Type.Object({ path: Text, problem: Optional(Text) })),
    }),
  ),
  /** The configuration that host-server gives guests, so far as it matters. */
  guest_config: Optional(
    Type.Object({
      file: FileSeen,
      transport: Optional(Type.Object({ hosts: Type.Array(Type.Object({ host: Text, port: Type.Number(), user: Text })), vhost: Text, tls: Type.Boolean() })),
      options: Type.Record(Type.String(), Text),
      /** Of host-server's own check, and of the comparison with trove.conf. */
      findings: Type.Array(Type.Object({ level: Text, option: Text, message: Text, mend: Text })),
      /** Whether guest and control plane name the same user with the same password; absent when the users differ. */
      same_password: Optional(Type.Boolean()),
      /** TCP from here to the guest's broker address: open, refused, silent, unreachable, unknown-name. */
      reach: Optional(Type.Array(Type.Object({ host: Text, port: Type.Number(), outcome: Text }))),
    }),
  ),
  /** Bytes free where host-server keeps its state. */
  free: Optional(Type.Number()),
  /** Only `doctor` looks. */
  host: Optional(HostSeen),
})

export const Evidence = Type.Object({
  format: Type.Literal(1),
  /** Version of Trovestrap that collected it. */
  trovestrap: Text,
  /** Host clock when collecting began. */
  at: Time,
  instance: Type.String({ pattern: '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$' }),
  name: Optional(Text),
  looked: Type.Partial(Type.Object(Object.fromEntries(Object.keys(SOURCES).map((source) => [source, Looked])) as Record<Source, typeof Looked>)),
  record: Optional(RecordSeen),
  broker: Optional(BrokerSeen),
  broker_log: Optional(LogSeen),
  console: Optional(ConsoleSeen),
  guest: Optional(GuestSeen),
  trove: Optional(TroveSeen),
  nova: Optional(NovaSeen),
  neutron: Optional(NeutronSeen),
  trove_logs: Optional(Type.Array(LogSeen)),
  machine: Optional(MachineSeen),
})

export type Evidence = Type.Static<typeof Evidence>
export type RecordSeen = Type.Static<typeof RecordSeen>
export { BrokerSeen } from './broker-seen.ts'
export type LogSeen = Type.Static<typeof LogSeen>
export type ConsoleSeen = Type.Static<typeof ConsoleSeen>
export { GuestSeen } from './guest-seen.ts'
export type TroveSeen = Type.Static<typeof TroveSeen>
export type NovaSeen = Type.Static<typeof NovaSeen>
export type NeutronSeen = Type.Static<typeof NeutronSeen>
export type MachineSeen = Type.Static<typeof MachineSeen>
export type Looked = Type.Static<typeof Looked>
