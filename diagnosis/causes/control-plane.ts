import type { Cause } from '../cause.ts'
import { neutronAgentDead, novaServiceDown } from './cloud-services.ts'
import { datastoreVersion } from './datastore-version.ts'
import { hostDiskFull, troveApiAway } from './host-ready.ts'
import { prepareLost, timeoutTooShort } from './late-or-lost.ts'
import { guestConfigAbsent, templateUnusable } from './not-injected.ts'
import { partNotMade, quota, serverError, sizes } from './server-not-made.ts'
import { taskmanagerAway } from './taskmanager-away.ts'

/** Group A of the catalogue: control plane, Nova, Neutron, quota. */
export const controlPlane: readonly Cause[] = [taskmanagerAway, quota, sizes, partNotMade, serverError, guestConfigAbsent, templateUnusable, timeoutTooShort, prepareLost, datastoreVersion, novaServiceDown, neutronAgentDead, troveApiAway, hostDiskFull]
