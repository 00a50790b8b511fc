// What `doctor` looks at in OpenStack: what every instance needs, whichever it is.
import { Type } from 'typebox'
import { Optional, Text } from './evidence-words.ts'

/** Who asked: what another project has is seen by an admin alone. */
export const LoginSeen = Type.Object({ project: Text, admin: Type.Boolean() })

/** A version of a datastore, with the image that Trove would boot. */
export const VersionSeen = Type.Object({
  id: Text,
  datastore: Text,
  version: Text,
  active: Type.Boolean(),
  /** The datastore's default. */
  default: Type.Boolean(),
  /** How the version names its image: an id, else the tags that it has to carry. */
  image_id: Optional(Text),
  tags: Type.Array(Text),
  /** Absent: Glance has none. GiB and MiB, as Nova counts them. */
  image: Optional(Type.Object({ id: Text, name: Optional(Text), status: Text, disk: Type.Number(), ram: Type.Number() })),
})
export type VersionSeen = Type.Static<typeof VersionSeen>

/** One of Nova's services: `up`, `down`; `enabled`, `disabled`. */
export const ServiceSeen = Type.Object({ binary: Text, host: Text, state: Text, status: Text })

/** GiB and MiB. */
export const FlavorSeen = Type.Object({ id: Text, name: Text, disk: Type.Number(), ram: Type.Number() })

/** One of Neutron's agents. */
export const AgentSeen = Type.Object({ type: Text, host: Text, alive: Type.Boolean(), enabled: Type.Boolean() })

/** What is left of a project's quota: a limit below zero is none. */
export const QuotaSeen = Type.Object({ project: Text, resource: Text, limit: Type.Number(), used: Type.Number() })
