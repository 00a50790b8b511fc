// What the daemon knows between stages, runs and boots stands in files, and only there: so a restart goes on where the world stands.
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { EnrolmentAnswer } from '../contract/enrolment.ts'
import { GUEST } from '../contract/paths.ts'
import { INSTANCE_ID } from '../contract/credential.ts'
import { Report } from '../contract/report.ts'
import type { Files } from './system.ts'

/** Who this guest is and where its host may be; made anew in every boot. */
export const Identity = Type.Object({
  instance: Type.String({ pattern: INSTANCE_ID.source }),
  urls: Type.Array(Type.String()),
  /** Digest of what it was read from. */
  source: Type.String(),
})

/** Which of the urls answered; `url` absent: none did, and the guest goes on with what it has. */
export const HostFound = Type.Object({ url: Type.Optional(Type.String()), uptime: Type.Number() })

/** Since when the host is looked for in vain, seconds since boot. */
export const Looking = Type.Object({ since: Type.Number() })

/** What the host said to an enrolment. */
export const Granted = Type.Object({
  ...EnrolmentAnswer.properties,
  /** Guest clock, milliseconds since 1970. */
  at: Type.Number(),
})
export type Granted = Type.Static<typeof Granted>

/** The instance's own secret (made here, kept before it is used) and what the host said to it. */
export const Enrolment = Type.Object({ instance: Type.String(), secret: Type.String(), granted: Type.Optional(Granted) })

/** The newest manifest that was accepted; see tree/freshness.ts. */
export const Accepted = Type.Object({
  /** Id of the key that signed it. */
  key: Type.String(),
  serial: Type.Integer(),
})

/** The served configuration that was written last. */
export const Served = Type.Object({ etag: Type.String(), sha256: Type.String() })

/** Requirements that were met last; see install-requirements. */
export const Installed = Type.Object({ digest: Type.String(), python: Type.String(), found: Type.Array(Type.String()) })

/** The tree that was verified, the broker that was reached and the agent that was started in this boot. */
export const Verified = Type.Object({ revision: Type.String() })
export const Reached = Type.Object({ digest: Type.String() })
export const Started = Type.Object({ digest: Type.String() })
export const Warmed = Type.Object({ start: Type.String() })

/** The agent was heard, and what systemd's count of its restarts was then; the condition of trovestrap-agent-failed.service. */
export const Heard = Type.Object({ restarts: Type.Number() })

/** The host wants to be followed, see follow/. */
export const Followed = Type.Object({})

/** The tree from which the agent did not come up in follow mode, and its tag: it is not taken again by itself. */
export const Rejected = Type.Object({ revision: Type.String(), etag: Type.String() })

/** What was said of an agent that has ended since. `ends` counts as `Heard.restarts` does; times are seconds since boot. */
export const Told = Type.Object({
  ends: Type.Number(),
  failures: Type.Number(),
  said: Type.Array(Type.Object({ words: Type.String(), at: Type.Number(), times: Type.Number() })),
})

/** How often in a row a credential that should be renewed was not; see renew-credential.ts. */
export const Unrenewed = Type.Object({ failures: Type.Integer() })

/** Reports that no host has taken yet. */
export const Unsent = Type.Object({ reports: Type.Array(Report) })

const place = <S extends Type.TSchema>(folder: string, name: string, form: S): { path: string; form: S } => ({ path: `${folder}/${name}.json`, form })

export const MEMORY = {
  identity: place(GUEST.runtime, 'identity', Identity),
  host: place(GUEST.runtime, 'host', HostFound),
  looking: place(GUEST.runtime, 'looking', Looking),
  followed: place(GUEST.runtime, 'followed', Followed),
  verified: place(GUEST.runtime, 'verified', Verified),
  reached: place(GUEST.runtime, 'rabbitmq', Reached),
  warmed: place(GUEST.runtime, 'warmed', Warmed),
  started: place(GUEST.runtime, 'agent', Started),
  heard: place(GUEST.runtime, 'heard', Heard),
  told: place(GUEST.runtime, 'told', Told),
  unrenewed: place(GUEST.runtime, 'unrenewed', Unrenewed),
  unsent: place(GUEST.runtime, 'unsent', Unsent),
  enrolment: place(GUEST.state, 'enrolment', Enrolment),
  accepted: place(GUEST.state, 'accepted-manifest', Accepted),
  rejected: place(GUEST.state, 'rejected', Rejected),
  served: place(GUEST.state, 'served-config', Served),
  installed: place(GUEST.state, 'installed', Installed),
} as const

/** @returns undefined when nothing is remembered; what cannot be read counts as nothing. */
export function recall<S extends Type.TSchema>(files: Files, { path, form }: { path: string; form: S }): Type.Static<S> | undefined {
  const text = files.text(path)
  if (text === undefined) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return Value.Check(form, value) ? (value as Type.Static<S>) : undefined
  } catch {
    return undefined
  }
}

export function remember<S extends Type.TSchema>(files: Files, { path }: { path: string; form: S }, value: Type.Static<S>): void {
  files.write(path, JSON.stringify(value), { mode: 0o600 })
}

export function forget(files: Files, { path }: { path: string }): void {
  files.remove(path)
}
