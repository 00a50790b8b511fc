import { figure, type Figure, type Torture } from './torture.ts'

/** What came of one cut. */
export interface Cut {
  readonly number: number
  /** What the guest was doing: its first tree, or a newer one in the place of an older. */
  readonly doing: 'first tree' | 'newer tree'
  /** Stage and state of its last line before the cut. */
  readonly at: string
  /** From power-on to ready. */
  readonly seconds?: number
  /** Why it was not ready with one whole tree. */
  readonly trouble?: string
}

const WANTED = 200

export const powerCuts: Torture = {
  name: 'power-cuts',
  purpose: 'The power of a guest is cut at random moments of its bring-up (QEMU gets SIGKILL, the disk keeps what was flushed): the next boot always becomes ready, with one whole tree.',
  takes: 'a minute and a half a cut without KVM; goes on where the same seed was broken off',
  async run(run) {
    if (run.size === 'short') return figures(await (await import('./power-cuts-process.ts')).cutProcesses(run))
    const { cutMachines } = await import('./power-cuts-machine.ts')
    return figures(await cutMachines({ ...run, count: run.count ?? WANTED, keep: (cuts) => run.keep?.(figures(cuts, WANTED)) }), WANTED)
  },
}

/** @param wanted cuts; all that there are unless given */
function figures(cuts: readonly Cut[], wanted = cuts.length): Figure[] {
  const wrong = cuts.filter(({ trouble }) => trouble !== undefined)
  const seconds = cuts.flatMap(({ seconds }) => (seconds === undefined ? [] : [seconds])).toSorted((a, b) => a - b)
  const counts = new Map<string, number>()
  for (const { doing, at } of cuts) counts.set(`${doing}: ${at}`, (counts.get(`${doing}: ${at}`) ?? 0) + 1)
  return [
    figure('ready on the next boot, with one whole tree', `${cuts.length - wrong.length} of ${cuts.length} cuts`, `all, of ${wanted}`, wrong.length === 0 && cuts.length >= wanted),
    ...(seconds.length === 0 ? [] : [figure('from power-on to ready, median', `${seconds[Math.floor(seconds.length / 2)]!.toFixed(0)} s`, '-', true)]),
    ...(seconds.length === 0 ? [] : [figure('where it was cut', [...counts].toSorted().map(([at, count]) => `${at} ${count}`).join(', '), '-', true)]),
    ...wrong.map(({ number, doing, at, trouble }) => figure(`cut ${number}, ${doing}, at ${at}`, trouble!.split('\n')[0]!.slice(0, 300), 'ready, one whole tree', false)),
  ]
}
