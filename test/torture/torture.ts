/** What was measured, and whether it is as it has to be. */
export interface Figure {
  readonly name: string
  /** With its unit. */
  readonly measured: string
  readonly wanted: string
  readonly met: boolean
}

export interface TortureRun {
  /** `short` is the share that `npm test` takes: seconds. `full` is what `npm run torture` does. */
  readonly size: 'short' | 'full'
  readonly seed: number
  /** From 0 to 1, the same sequence for the same seed. */
  readonly random: () => number
  /** How far it is; one line. */
  readonly say: (line: string) => void
  /** How often, where a torture is something done again and again; its own number unless given. */
  readonly count?: number
  /** Keeps the figures so far, of a run that takes hours. */
  readonly keep?: (figures: readonly Figure[]) => void
}

/** Something bad that is done to real parts, and what has to hold all the same. */
export interface Torture {
  readonly name: string
  /** One sentence: what is done, and what must come of it. */
  readonly purpose: string
  /** Roughly, of a full run, for people: `20 s`, `an hour`. */
  readonly takes: string
  run(run: TortureRun): Promise<Figure[]>
}

/** A figure, in one line. */
export const figure = (name: string, measured: string, wanted: string, met: boolean): Figure => ({ name, measured, wanted, met })
