import { Type } from 'typebox'

/** /etc/trovestrap/guest.json: what the builder leaves in the image for the daemon. Mode 0600: it may hold the bootstrap token. */
export const GuestConfig = Type.Object(
  {
    format: Type.Literal(1),
    /** Where host-server may be, `https://host:port`, in the order to try; addresses the instance itself brings go first. */
    urls: Type.Array(Type.String({ pattern: '^https://[^/?#]+$' }), { minItems: 1, maxItems: 16 }),
    /** Bootstrap token, `id.secret`; absent in an image whose cloud injects it. */
    token: Type.Optional(Type.String()),
    agent: Type.Object({
      /** As whom the Trove agent runs. */
      user: Type.String({ pattern: '^[a-z_][a-z0-9_-]{0,31}$' }),
    }),
  },
  { additionalProperties: false },
)
export type GuestConfig = Type.Static<typeof GuestConfig>
