import { Type } from 'typebox'
import { HostKeys } from './host-key.ts'
import { Report } from './report.ts'

/** One instance as its operator sees it. */
export const InstanceView = Type.Object({
  instance: Type.String(),
  /** The guest's host name, once it has said it. */
  name: Type.Optional(Type.String()),
  /** Host clock, ISO 8601. */
  enrolled: Type.String(),
  credential_expires: Type.String(),
  /** When the guest was last heard in any way. */
  last_seen: Type.String(),
  /** The address it came from. */
  address: Type.String(),
  /** The newest report; absent until the first. */
  latest: Type.Optional(Report),
  /** Host clock of the first report of the present stage in this run. */
  since: Type.Optional(Type.String()),
  /** What the host serves now. */
  served_revision: Type.Optional(Type.String()),
  /** Whether it has a question open and takes every change of the tree. */
  follows: Type.Optional(Type.Boolean()),
  /** Since when it is held: it takes no change until it is released. */
  held: Type.Optional(Type.String()),
  /** Public host keys of its sshd, as it has reported them over its own credential; absent until it has. */
  host_keys: Type.Optional(HostKeys),
})
export type InstanceView = Type.Static<typeof InstanceView>

/** The same with what it has reported, oldest first, the last boot's at least. */
export const InstanceDetail = Type.Object({
  ...InstanceView.properties,
  reports: Type.Array(Type.Object({ received: Type.String(), report: Report })),
  /** What it fetched last of each kind (`manifest`, `content`, `config`, `wheels`) since host-server started: host clock, HTTP status. */
  served: Type.Optional(Type.Array(Type.Object({ what: Type.String(), at: Type.String(), status: Type.Integer() }))),
})
export type InstanceDetail = Type.Static<typeof InstanceDetail>

export const InstanceList = Type.Object({
  instances: Type.Array(InstanceView),
  /** Guests with a valid token that may enrol once the operator approves them. `key` tells two that claim to be one instance apart. */
  waiting: Type.Array(
    Type.Object({
      instance: Type.String(),
      key: Type.String(),
      address: Type.String(),
      name: Type.Optional(Type.String()),
      since: Type.String(),
      at: Type.String(),
    }),
  ),
  /** Until when every guest with a valid token is let in; absent where the operator or OpenStack decides. */
  open_until: Type.Optional(Type.String()),
  /** Enrolments that were refused lately: a guest that is stuck before it has a credential shows here and nowhere else. */
  refused: Type.Array(
    Type.Object({ at: Type.String(), address: Type.String(), instance: Type.Optional(Type.String()), code: Type.String() }),
  ),
})
export type InstanceList = Type.Static<typeof InstanceList>

/** Who was told to fetch anew, and what. */
export const Refreshed = Type.Object({ revision: Type.String(), refreshed: Type.Array(Type.String()) })
export type Refreshed = Type.Static<typeof Refreshed>

/** Every refusal's body. */
export const Refusal = Type.Object({ code: Type.String(), message: Type.String() })
export type Refusal = Type.Static<typeof Refusal>
