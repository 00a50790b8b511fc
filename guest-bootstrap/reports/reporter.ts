import { randomBytes } from 'node:crypto'
import type { Fault } from '../../contract/fault.ts'
import { STAGES, type Details, type Report, type ReportedFault } from '../../contract/report.ts'
import { hideKnown } from '../../contract/scrub.ts'
import type { Event } from '../engine.ts'
import { ownSecrets } from '../own-secrets.ts'
import { sshHostKeys } from '../ssh-host-keys.ts'
import type { System } from '../system.ts'
import { currentRevision } from '../tree/current.ts'

/** Where a report goes; none of them may throw or wait. */
export type Outlet = (report: Report) => void

/**
 * Makes reports of what the engine announces and gives them to the outlets, in order.
 *
 * @returns what the engine calls; and says `ready`, which is no stage
 */
export function reporter(system: System, outlets: readonly Outlet[]): (event: Event) => void {
  const boot = system.files.text('/proc/sys/kernel/random/boot_id')?.trim() ?? '00000000-0000-0000-0000-000000000000'
  const run = randomBytes(4).toString('hex')
  let seq = 0
  let toldKeys = ''
  return ({ stage, state, attempt, note, took, next, fault }) => {
    const revision = STAGES.indexOf(stage) < STAGES.indexOf('fetch') ? undefined : currentRevision(system.files)
    const keys = sshHostKeys(system.files)
    const newKeys = keys.join() !== toldKeys
    toldKeys = keys.join()
    const report: Report = {
      boot,
      seq: ++seq,
      run,
      at: new Date(system.clock.now()).toISOString(),
      uptime: system.clock.uptime(),
      stage,
      state,
      attempt,
      ...(note === undefined ? {} : { note: hideKnown(note).slice(0, 500) }),
      ...(took === undefined ? {} : { took: Math.max(0, took) }),
      ...(next === undefined ? {} : { next }),
      ...(fault === undefined ? {} : { fault: told(fault, ownSecrets(system.files)) }),
      ...(revision === undefined ? {} : { revision }),
      ...(newKeys ? { host_keys: keys } : {}),
    }
    for (const outlet of outlets) outlet(report)
  }
}

/** Whoever is quoted in a fault may have quoted a secret. The host takes details of at most 1000 characters each. */
function told({ code, message, details }: Fault, secrets: readonly string[]): ReportedFault {
  const clean = Object.entries(details).map(([name, value]) => [name, typeof value === 'string' ? hideKnown(value, secrets).slice(0, 1000) : value])
  return { code, message: hideKnown(message, secrets).slice(0, 2000), details: Object.fromEntries(clean) as Details }
}
