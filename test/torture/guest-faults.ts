import { figure, type Figure, type Torture } from './torture.ts'

/** What came of one condition. */
export interface Held {
  readonly name: string
  /** The guest's line about it; absent: nothing held it. */
  readonly said?: string
  /** From the end of the condition to ready. */
  readonly seconds?: number
  /** Why it is not as it has to be. */
  readonly trouble?: string
}

export const guestFaults: Torture = {
  name: 'guest-faults',
  purpose: 'Disks that are full or read-only, clocks that are wrong or jump, networks that change, go and are bad: the guest says what holds it and becomes ready once that is gone, without a reboot.',
  takes: '25 minutes without KVM; goes on where the same seed was broken off',
  async run(run) {
    if (run.size === 'short') return figures(await (await import('./guest-faults-process.ts')).inProcess(run))
    const { inMachine } = await import('./guest-faults-machine.ts')
    return figures(await inMachine({ ...run, keep: (outcomes, wanted) => run.keep?.(figures(outcomes, wanted)) }))
  },
}

/** @param wanted conditions; all that there are unless given */
export function figures(outcomes: readonly Held[], wanted = outcomes.length): Figure[] {
  const right = outcomes.filter(({ trouble }) => trouble === undefined)
  const seconds = right.flatMap(({ seconds }) => (seconds === undefined ? [] : [seconds])).toSorted((a, b) => a - b)
  const last = (share: number): string => (seconds.length === 0 ? '-' : `${seconds[Math.min(seconds.length - 1, Math.floor(seconds.length * share))]!.toFixed(1)} s`)
  return [
    figure('conditions right', `${right.length} of ${outcomes.length}`, `all, of ${wanted}`, right.length === wanted && wanted > 0),
    figure('from its end to ready, median', last(0.5), '-', true),
    figure('from its end to ready, longest', last(1), '-', true),
    ...outcomes.map(({ name, said, seconds, trouble }) => figure(name, trouble?.split('\n')[0] ?? `${seconds!.toFixed(1)} s; ${said === undefined ? 'not held' : `\`${said}\``}`, 'ready', trouble === undefined)),
  ]
}
