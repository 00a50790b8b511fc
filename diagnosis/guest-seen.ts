import { Type } from 'typebox'
import { Lines, Optional, Text, Time } from './evidence-words.ts'

const Unit = Type.Object({
  name: Text,
  /** LoadState: loaded, not-found, masked, bad-setting, error. */
  load: Text,
  active: Text,
  sub: Text,
  /** success, exit-code, signal, timeout, start-limit-hit, dependency, oom-kill, condition … */
  result: Text,
  /** Exit status of the last main process, and how it ended: exited, killed, dumped; absent when it never ran. */
  status: Optional(Type.Number()),
  code: Optional(Text),
  restarts: Type.Number(),
  /** enabled, disabled, masked, static, … */
  enabled: Text,
})

/** The guest itself, over SSH as the debug user. */
export const GuestSeen = Type.Object({
  /** `debug@10.0.0.5:22`, with jump host or namespace. */
  via: Text,
  /** Names of fields of this that could not be looked at, or only in part (no sudo, too slow): an empty list there says nothing. Absent: all was seen. */
  unseen: Optional(Type.Array(Text)),
  /** Guest's clock minus this host's, seconds. */
  clock_offset: Optional(Type.Number()),
  /** Seconds since boot. */
  uptime: Optional(Type.Number()),
  units: Type.Array(Unit),
  /** The end of each unit's journal of this boot, and `kernel` for what the kernel warned of. */
  journals: Type.Record(Type.String(), Lines),
  /** Ends of files: cloud-init.log (warnings alone), trove-guestagent.log. By path. */
  logs: Type.Record(Type.String(), Lines),
  cloud_init: Optional(Type.Object({ datasource: Optional(Text), errors: Type.Array(Text), instance_id: Optional(Text) })),
  /** Every option set in the agent's configuration folder, in the order in which oslo.config reads: the last one counts. Values that are secret say so. */
  config: Type.Array(Type.Object({ section: Text, option: Text, value: Text, file: Text })),
  /** transport_url of the effective configuration, taken apart. */
  transport: Optional(Type.Object({ hosts: Type.Array(Type.Object({ host: Text, port: Type.Number(), user: Text })), vhost: Text, file: Text })),
  /** Files of the configuration folder that oslo.config refuses, with its reason. */
  config_faults: Type.Array(Type.Object({ file: Text, why: Text })),
  files: Type.Array(
    Type.Object({ path: Text, exists: Type.Boolean(), mode: Optional(Text), owner: Optional(Text), size: Optional(Type.Number()), changed: Optional(Time) }),
  ),
  addresses: Type.Array(Type.Object({ interface: Text, address: Text, state: Optional(Text) })),
  /** As `ip route` prints them. */
  routes: Lines,
  /** `ip route get` for host-server and broker. */
  paths: Type.Array(Type.Object({ to: Text, route: Text })),
  /** TCP connections tried in the guest: `open`, `refused`, `silent`, `unreachable`, `unknown-name`, or what else came. */
  probes: Type.Array(Type.Object({ host: Text, port: Type.Number(), outcome: Text })),
  nameservers: Type.Array(Text),
  disks: Type.Array(Type.Object({ mount: Text, source: Text, size: Type.Number(), free: Type.Number() })),
  /** Block devices: /dev/vda, /dev/vdb … */
  devices: Type.Array(Text),
  /** Bytes. */
  memory: Optional(Type.Object({ total: Type.Number(), available: Type.Number() })),
  /** `sudo -n true`. */
  sudo: Optional(Type.Object({ ok: Type.Boolean(), seconds: Type.Number(), said: Optional(Text) })),
  /** sudo as the agent's user for one command of the list it needs. */
  agent_sudo: Optional(Type.Object({ ok: Type.Boolean(), said: Optional(Text) })),
  accounts: Type.Array(Type.Object({ name: Text, uid: Type.Number() })),
  python: Optional(Text),
  docker: Optional(Type.Object({ answers: Type.Boolean(), containers: Lines, images: Lines, said: Optional(Text) })),
})
export type GuestSeen = Type.Static<typeof GuestSeen>
