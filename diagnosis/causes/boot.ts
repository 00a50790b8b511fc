import type { Cause } from '../cause.ts'
import { anotherInstance, preparedAlready } from './baked-in.ts'
import { neverBoots } from './never-boots.ts'
import { nobodyStartsIt } from './nobody-starts-it.ts'
import { noDatasource, ownerMissing } from './nothing-injected.ts'
import { diskFull, outOfMemory, pythonTooOld } from './too-small.ts'

/** Group B of the catalogue: image and boot. */
export const boot: readonly Cause[] = [neverBoots, nobodyStartsIt, ownerMissing, noDatasource, anotherInstance, preparedAlready, pythonTooOld, diskFull, outOfMemory]
