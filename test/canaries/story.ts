import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { FaultCode } from '../../contract/fault.ts'
import { GUEST } from '../../contract/paths.ts'
import { canary, type Canary } from './canary.ts'
import type { CanaryGuest } from './guest.ts'
import type { CanaryHost } from './host.ts'
import type { Seen } from './seen.ts'
import { earlyTroubles, LAST_WORDS, troubles } from './troubles.ts'
import { ENDED, RUNS } from '../guest-bootstrap/unit-states.ts'
import { runVerbs } from './verbs.ts'

interface About {
  readonly instance: string
  readonly token: string
  /** Port of something that repeats what it is told. */
  readonly tellTale: number
}

export interface Told {
  /** Faults that were brought about. */
  readonly faults: number
  /** Those that the guest called by another name, or not at all. */
  readonly missed: string[]
}

/**
 * A guest's life: it enrols, is refused for every reason there is, and then every stage fails once for each reason that has to do with a secret.
 * @param canaries get the secret that the guest makes
 */
export async function bringUpWithTroubles(host: CanaryHost, guest: CanaryGuest, seen: Seen, about: About, canaries: Canary[]): Promise<Told> {
  const missed: string[] = []
  let faults = 0
  const expect = (wanted: FaultCode, met: readonly FaultCode[]): void => {
    faults += 1
    if (!met.includes(wanted)) missed.push(`${wanted}, met ${met.join(', ') || 'none'}`)
  }
  for (const [wanted, met] of await enrolled(host, guest, seen, about, canaries)) expect(wanted, met)
  for (const trouble of troubles({ host, ...about })) {
    trouble.make(guest)
    expect(trouble.code, await guest.boot(() => trouble.mend(guest)))
  }
  Object.assign(guest.world, { unit: ENDED, journal: `Traceback (most recent call last):\n${LAST_WORDS}\n` })
  await guest.agentEnded()
  Object.assign(guest.world, { unit: RUNS, journal: '' })
  return { faults, missed }
}

/** One boot in which one thing after the other is wrong, until the operator lets it in; then two in which the host knows it no more. */
async function enrolled(host: CanaryHost, guest: CanaryGuest, seen: Seen, about: About, canaries: Canary[]): Promise<[FaultCode, FaultCode[]][]> {
  const verb = (...argv: string[]) => runVerbs(host, seen, [{ argv }])
  const steps = (...acts: (() => unknown)[]) => async () => acts.shift()?.()
  const { instance } = about
  const early = earlyTroubles({ host, ...about })
  early[0]!.make(guest)
  const oneAfterTheOther = early.map(({ mend }, index) => () => {
    mend(guest)
    early[index + 1]?.make(guest)
  })
  const first = await guest.boot(steps(...oneAfterTheOther, () => verb('approve', instance)))
  canaries.push(canary("instance's secret", guest.secret()))

  await verb('forget', instance, '--revoke')
  const second = await guest.boot(steps(() => verb('forget', instance), () => verb('approve', instance)))

  rmSync(join(guest.it.root, GUEST.state, 'enrolment.json'))
  const third = await guest.boot(steps(() => verb('forget', instance), () => verb('approve', instance)))
  canaries.push(canary("instance's second secret", guest.secret()))
  return [...early.map(({ code }) => [code, first] as [FaultCode, FaultCode[]]), ['ATTESTATION_UNDECIDED', first], ['CREDENTIAL_REFUSED', second], ['INSTANCE_TAKEN', third]]
}
