import { Type } from 'typebox'
import { HostKeys } from './host-key.ts'

/** The bring-up, in order; `ready` is where it ends. */
export const STAGES = [
  'identify',
  'network',
  'enrol',
  'fetch',
  'configure',
  'install-requirements',
  'reach-rabbitmq',
  'start-agent',
  'confirm',
  'ready',
] as const
export type StageName = (typeof STAGES)[number]

/** `begun` before a stage runs, `done` after, `failed` when it will be tried again. */
export const STATES = ['begun', 'done', 'failed'] as const
export type StageState = (typeof STATES)[number]

/** What differs from one fault to the next: addresses, names, numbers. Never a secret. */
export const Details = Type.Record(
  Type.String({ pattern: '^[a-z][a-z0-9_]{0,31}$' }),
  Type.Union([Type.String({ maxLength: 1000 }), Type.Number(), Type.Boolean()]),
  { additionalProperties: false },
)
export type Details = Type.Static<typeof Details>

export const ReportedFault = Type.Object({
  code: Type.String({ pattern: '^[A-Z][A-Z0-9_]{1,63}$' }),
  /** One sentence for people. */
  message: Type.String({ maxLength: 2000 }),
  details: Details,
})
export type ReportedFault = Type.Static<typeof ReportedFault>

/** One change in a guest's bring-up, as it says it on the console, in the journal and to its host. */
export const Report = Type.Object({
  /** The kernel's boot id: reports of two boots never mix. */
  boot: Type.String({ pattern: '^[0-9a-f-]{36}$' }),
  /** Counts from 1 within one boot and one run of the daemon; with `boot` and `run` it names the report, so a repeat is harmless. */
  seq: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
  /** Random per run of the daemon. */
  run: Type.String({ pattern: '^[0-9a-f]{8}$' }),
  /** Guest clock, ISO 8601. */
  at: Type.String({ maxLength: 40 }),
  /** Seconds since the guest booted. */
  uptime: Type.Number({ minimum: 0 }),
  stage: Type.Enum(STAGES),
  state: Type.Enum(STATES),
  /** Counts from 1 within the stage. */
  attempt: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
  /** What the stage found or did, for people: `10.0.2.15 by DHCP`. */
  note: Type.Optional(Type.String({ maxLength: 500 })),
  /** Seconds the stage took; with `done`. */
  took: Type.Optional(Type.Number({ minimum: 0 })),
  /** Seconds until the next try; with `failed`. */
  next: Type.Optional(Type.Number({ minimum: 0 })),
  fault: Type.Optional(ReportedFault),
  /** The source revision in place, once there is one. */
  revision: Type.Optional(Type.String({ pattern: '^[0-9a-f]{64}$' })),
  /** Of the guest's sshd, where they are new since the report before: by them an operator knows that it is this guest he logs in to. */
  host_keys: Type.Optional(HostKeys),
})
export type Report = Type.Static<typeof Report>
