import { Type } from 'typebox'
import { Optional, Text } from './evidence-words.ts'

/** What `doctor` looks at on this host besides what an instance's diagnosis needs. */
export const HostSeen = Type.Object({
  /** Of its interfaces, loopback left out. */
  addresses: Type.Array(Text),
  /** By which guests reach it although no interface has them (a NAT gives them): from here they are loopback. */
  aliases: Type.Array(Text),
  /** By which guests reach this host, where the operator named it. */
  address: Optional(Text),
  /** The guests' network, where the operator named it: `10.0.0.0/24`. */
  guests: Optional(Text),
  /** Who listens, by port; `httpd`, `beam.smp`. Ports of processes that this user may not look at are left out. */
  listeners: Type.Record(Type.String(), Text),
  /** Trove's services, by name, with the numbers of their processes; one without a process does not run here. */
  services: Type.Record(Type.String(), Type.Array(Type.Number())),
  /** Absent: nobody could tell. */
  clock: Optional(Type.Object({ synchronised: Type.Boolean(), from: Text })),
  /** File systems on which something of a bring-up lies. Bytes, and numbers of files. */
  disks: Type.Array(Type.Object({ mount: Text, holds: Type.Array(Text), size: Type.Number(), free: Type.Number(), inodes: Type.Number(), inodes_free: Type.Number() })),
  /** Files of host-server that nobody but its user may read. */
  keys: Type.Array(Type.Object({ path: Text, mode: Text })),
  /** What the packet filter says; absent where it could not be read. */
  filter: Optional(
    Type.Object({
      from: Text,
      /** Policies of the base chains: what becomes of a packet that no rule decides about. */
      input: Text,
      forward: Text,
      /** Ports that guests need and that the input chain would drop: `no`, or `unknown` where a rule is not understood. Others are let in. */
      closed: Type.Array(Type.Object({ port: Type.Number(), open: Type.Union([Type.Literal('no'), Type.Literal('unknown')]) })),
      /** Whether what comes from the guests' network is forwarded: `unknown` where that network is not known, or a rule is not understood. */
      forwards: Type.Union([Type.Literal('yes'), Type.Literal('no'), Type.Literal('unknown')]),
      /** Source addresses that are rewritten, as networks; `everything`. */
      masquerades: Type.Array(Text),
    }),
  ),
  /** net.ipv4.ip_forward; absent where the kernel does not tell. */
  forwarding: Optional(Type.Boolean()),
})
export type HostSeen = Type.Static<typeof HostSeen>
