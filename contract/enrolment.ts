import { Type } from 'typebox'
import { SigningKey } from './envelope.ts'

/**
 * The guest makes its secret itself, keeps it, and sends only the digest: so the answer can be lost in a power cut and
 * the same question asked again, and no secret of an instance ever stands in the host's state.
 */
export const EnrolmentRequest = Type.Object(
  {
    instance: Type.String({ pattern: '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' }),
    /** Hex SHA-256 of the instance's secret. */
    key: Type.String({ pattern: '^[0-9a-f]{64}$' }),
    /** For people only. */
    hostname: Type.Optional(Type.String({ maxLength: 255 })),
    /** Of the daemon that asks. */
    version: Type.Optional(Type.String({ maxLength: 50 })),
  },
  { additionalProperties: false },
)
export type EnrolmentRequest = Type.Static<typeof EnrolmentRequest>

export const EnrolmentAnswer = Type.Object({
  instance: Type.String(),
  /** Until when the credential opens anything, ISO 8601, host clock. */
  expires: Type.String(),
  /** Whose signature on a manifest counts. */
  signing_keys: Type.Array(SigningKey, { maxItems: 8 }),
})
export type EnrolmentAnswer = Type.Static<typeof EnrolmentAnswer>
