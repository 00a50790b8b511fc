import { Type } from 'typebox'

/** A guest that lacks more files than this takes the whole pack. */
export const MOST_CONTENTS = 5000

/** Contents of the source tree that a guest wants, by their SHA-256. They are answered in the order of the manifest's files, each once, as one zstd stream. */
export const WantedContents = Type.Array(Type.String({ pattern: '^[0-9a-f]{64}$' }), { minItems: 1, maxItems: MOST_CONTENTS })
export type WantedContents = Type.Static<typeof WantedContents>
