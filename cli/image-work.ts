import { InvalidArgumentError, Option, type Command } from 'commander'
import { BuildFailure, ImageRefusal } from '../image-builder/refusal.ts'
import type { WayName } from '../image-builder/way.ts'
import type { Progress as BuildProgress } from '../image-builder/wish.ts'
import { CloudError } from '../openstack/cloud-error.ts'
import { Failure, Refusal } from '../publish/refusal.ts'
import { CliError, EXIT } from './exit.ts'
import { printable } from '../diagnosis/printable.ts'
import { progress, type Step } from './progress.ts'

/** How to reach into an image; the same for every verb that does. */
export interface ReachOptions {
  readonly backing?: readonly string[]
  readonly way?: WayName
  readonly keyFile?: string
}

export function withReachOptions(command: Command): Command {
  return command
    .option('--backing <FILE>', 'a file that the image needs below it; may be given several times, nearest first. What the image itself names is never opened', collect)
    .addOption(new Option('--way <WAY>', 'how to reach into it (default: direct for ext2/3/4, libguestfs for the rest)').choices(['direct', 'libguestfs']))
    .option('--key-file <FILE>', 'opens a LUKS image: a file that holds the key and nothing else')
}

/** Without the options that were not given. */
export function reachOf({ backing, way, keyFile }: ReachOptions) {
  return { ...(backing ? { backing } : {}), ...(way ? { way } : {}), ...(keyFile === undefined ? {} : { keyFile }) }
}

export function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value]
}

const UNITS: Readonly<Record<string, number>> = { M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 }

/** `10G`, or `+2G` for more than there is. @returns bytes, and whether they are added */
export function parseSize(text: string): { readonly bytes: number; readonly added: boolean } {
  const [, plus, number, unit] = /^(\+?)(\d+(?:\.\d+)?)([MGT])(?:iB|B)?$/.exec(text) ?? []
  if (number === undefined || Number(number) === 0) throw new InvalidArgumentError(`expected a size such as 10G, or +2G for 2 GiB more; got "${text}".`)
  return { bytes: Math.ceil(Number(number) * UNITS[unit!]!), added: plus === '+' }
}

/** Ctrl-C and `kill` end the work in its own way, so that its folder goes away. @param nothing what did not happen then */
export async function explained<T>(nothing: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const stop = new AbortController()
  const end = () => stop.abort(new CliError(`ended before it was done; ${nothing}`, EXIT.failed))
  process.on('SIGINT', end).on('SIGTERM', end).on('SIGHUP', end)
  try {
    return await work(stop.signal)
  } catch (error) {
    if (stop.signal.aborted) throw stop.signal.reason
    if (error instanceof ImageRefusal) throw new CliError(`${told(error)}  (${nothing})`, EXIT.usage, { cause: error })
    if (error instanceof BuildFailure) throw new CliError(`${told(error)}  (${nothing})`, EXIT.failed, { cause: error })
    if (error instanceof Refusal || error instanceof Failure) throw new CliError(told(error), error instanceof Refusal ? EXIT.usage : EXIT.failed, { cause: error })
    if (error instanceof CloudError) throw new CliError(error.message, EXIT.failed, { cause: error })
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') throw new CliError(`the disk is full; ${nothing}`, EXIT.failed, { cause: error })
    throw error
  } finally {
    process.off('SIGINT', end).off('SIGTERM', end).off('SIGHUP', end)
  }
}

const told = ({ message }: Error): string => message.split('\n').map(printable).join('\n')

/** The builder's steps on a terminal or in a pipe. */
export function stepsOn(out: NodeJS.WriteStream): BuildProgress & { fail(): void } {
  const shown = progress(out)
  let step: Step | undefined
  return {
    begin: (name) => void (step = shown.step(name)),
    update: (text) => step?.update(printable(text)),
    done(text) {
      step?.done(printable(text))
      step = undefined
    },
    fail: () => step?.fail(''),
  }
}

/** Runs work whose steps are shown; a step that fails is marked before the reason is told. */
export async function shown<T>(work: (steps: BuildProgress) => Promise<T>): Promise<T> {
  const steps = stepsOn(process.stderr)
  try {
    return await work(steps)
  } catch (error) {
    steps.fail()
    throw error
  }
}
