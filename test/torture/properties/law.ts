import fc from 'fast-check'
import { Fault } from '../../../contract/fault.ts'

/** A parser of what others have written, and what holds whatever they wrote. */
export interface Parser {
  readonly name: string
  /** How many cases of the others one of its own stands for, where each starts programs. */
  readonly cost?: number
  /** By what they say. @param held gives back at the end what they need */
  laws(held: AsyncDisposableStack): Laws | Promise<Laws>
}

export type Laws = Readonly<Record<string, fc.IAsyncProperty<[unknown]>>>

/** CPU seconds of one case: a thousand times what the slowest takes, so that only what has no end comes there. */
const MOST_CPU = 5

/** @param holds throws where the law does not hold */
export function law<Input>(inputs: fc.Arbitrary<Input>, holds: (input: Input) => unknown): fc.IAsyncProperty<[unknown]> {
  return fc.asyncProperty(inputs, async (input) => {
    const began = process.threadCpuUsage()
    await holds(input)
    const { user, system } = process.threadCpuUsage(began)
    if (user + system > MOST_CPU * 1e6) throw new Error(`took ${((user + system) / 1e6).toFixed(1)} s of CPU time`)
  }) as fc.IAsyncProperty<[unknown]>
}

type ErrorClass = new (...args: never[]) => Error

/** Reads; what is refused has to be refused by one of these, with words that do not speak to a terminal. @returns undefined when it was refused */
export async function valueOr<Value>(refusals: readonly ErrorClass[], read: () => Value | Promise<Value>): Promise<Value | undefined> {
  try {
    return await read()
  } catch (error) {
    if (!refusals.some((refusal) => error instanceof refusal)) throw error
    // A guest's faults are said by consoleLine alone, which has a law of its own.
    if (!(error instanceof Fault)) plain((error as Error).message)
    return undefined
  }
}

/** Controls but the line feed, bidi, zero width, lone surrogates, separators. */
const SPEAKS = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\p{Cs}]/u

/** Throws when a text would do something to a terminal. */
export function plain(text: string): void {
  if (SPEAKS.test(text)) throw new Error(`speaks to a terminal: ${JSON.stringify(text)}`)
}
