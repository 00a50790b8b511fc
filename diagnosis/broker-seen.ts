import { Type } from 'typebox'
import { Optional, Text } from './evidence-words.ts'

const Queue = Type.Object({
  present: Type.Boolean(),
  messages: Optional(Type.Number()),
  consumers: Optional(Type.Number()),
  durable: Optional(Type.Boolean()),
  type: Optional(Text),
  /** `down` where its node is gone. */
  state: Optional(Text),
})

/** Somebody's way into RabbitMQ. */
const Access = {
  host: Text,
  port: Type.Number(),
  vhost: Text,
  user: Text,
  tls: Type.Boolean(),
  /** A code of contract/fault.ts. Absent: the way is open, to all that is needed. */
  fault: Optional(Type.Object({ code: Text, message: Text })),
}

/** RabbitMQ, asked from this host with the control plane's own transport_url. */
export const BrokerSeen = Type.Object({
  ...Access,
  product: Optional(Text),
  /** `guestagent.<id>`, `trove-conductor`, `taskmanager`. */
  queues: Type.Record(Type.String(), Queue),
  /** Names asked for, and whether they exist. */
  exchanges: Type.Record(Type.String(), Type.Boolean()),
  /** What an agent with the guests' transport_url meets, tried from this host; only `doctor` does. */
  guests: Optional(Type.Object(Access)),
  /** What only rabbitmqctl or the management API tells; absent where neither could be asked. */
  inside: Optional(
    Type.Object({
      from: Type.Union([Type.Literal('rabbitmqctl'), Type.Literal('management')]),
      vhosts: Type.Array(Text),
      users: Type.Array(Text),
      permissions: Type.Array(Type.Object({ vhost: Text, user: Text, configure: Text, write: Text, read: Text })),
      /** `memory`, `disk`. */
      alarms: Type.Array(Text),
      connections: Type.Array(Type.Object({ user: Text, vhost: Text, peer: Text, state: Text, name: Optional(Text) })),
      /** Of the instance's queue. */
      bindings: Type.Array(Type.Object({ source: Text, destination: Text, key: Text })),
      /** The instance's queue in every vhost that has it. */
      everywhere: Type.Array(Type.Object({ vhost: Text, messages: Type.Number(), consumers: Type.Number() })),
    }),
  ),
})
export type BrokerSeen = Type.Static<typeof BrokerSeen>
