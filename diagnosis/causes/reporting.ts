import type { Cause } from '../cause.ts'
import { clockSteppedBack } from './clock-stepped-back.ts'
import { conductorDown } from './conductor-down.ts'
import { conductorCannotDecode, releasesDiffer } from './conductor-cannot-decode.ts'
import { conductorCannotWrite } from './conductor-cannot-write.ts'
import { instanceGone } from './instance-gone.ts'

/** J: the guest is well, and its report gets lost on the way to Trove's database. */
export const reporting: readonly Cause[] = [conductorDown, instanceGone, conductorCannotWrite, conductorCannotDecode, clockSteppedBack, releasesDiffer]
