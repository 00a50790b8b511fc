// What texts and times in evidence are: bounded, because they come from strangers.
import { Type } from 'typebox'

export const Lines = Type.Array(Type.String({ maxLength: 2000 }), { maxItems: 2000 })
export const Text = Type.String({ maxLength: 4000 })
export const Optional = Type.Optional
/** ISO 8601, clock of whoever wrote it. */
export const Time = Type.String({ maxLength: 60 })
