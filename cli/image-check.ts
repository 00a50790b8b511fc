import { Option, type Command } from 'commander'
import { checkImage } from '../image-builder/check/check-image.ts'
import { explainFindings } from '../image-builder/check/explain.ts'
import { openForReading } from '../image-builder/open-image.ts'
import { BuildFailure, ImageRefusal } from '../image-builder/refusal.ts'
import type { WayName } from '../image-builder/way.ts'
import { CliError, EXIT } from './exit.ts'
import { checkFacts, type CheckOptions } from './image-check-facts.ts'

interface ImageCheckOptions extends CheckOptions {
  readonly backing: readonly string[]
  readonly way?: WayName
  readonly keyFile?: string
  readonly json?: boolean
}

/** `trovestrap image check` */
export function registerImageCheck(image: Command): void {
  image
    .command('check')
    .description('Look for everything that would keep guests of an image from coming up, and for secrets in it, without booting it. IMAGE is only read.')
    .argument('IMAGE', 'one that image build made, or one with a Trove agent of its own')
    .option('--injected-owner <NAME>', 'injected_config_owner of the Trove control plane (default: what the configured trove.conf says, else ubuntu)')
    .option('--python-requires <SPEC>', 'what the tree to be served requires, such as ">=3.11" (default: what the configured source tree says)')
    .option('--backing <FILE>', 'a file that IMAGE needs below it; may be given several times, nearest first. What IMAGE itself names is never opened', collect, [])
    .addOption(new Option('--way <WAY>', 'how to read it (default: direct where that can)').choices(['direct', 'libguestfs']))
    .option('--key-file <FILE>', 'opens a LUKS image: a file that holds the key and nothing else')
    .option('--json', 'for programs: the findings as a list')
    .addHelpText('after', '\nExit codes: 0 no finding is an error, 1 at least one is, 2 the image cannot be read.')
    .action(async (path: string, options: ImageCheckOptions, command: Command) => {
      const facts = await checkFacts(options, command)
      const findings = await interruptibly(async (signal) => {
        const { backing, way, keyFile } = options
        await using opened = await openForReading(path, { signal, ...(backing.length > 0 ? { backing } : {}), ...(way ? { way } : {}), ...(keyFile === undefined ? {} : { keyFile }) })
        return await checkImage(opened.tree, { ...facts, space: opened.space, now: new Date() })
      })
      process.stdout.write(options.json ? `${JSON.stringify(findings, null, 2)}\n` : explainFindings(path, findings))
      if (facts.pythonRequires === undefined) {
        process.stderr.write('not checked: whether Python is new enough, because no configured source tree says what it requires. Type: --python-requires SPEC\n')
      }
      if (findings.some(({ level }) => level === 'error')) throw new CliError(`${path} is not fit to be booted: see its errors`, EXIT.failed)
    })
}

/** Ctrl-C and `kill` end the work in its own way, so that its folder goes away. */
async function interruptibly<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const stop = new AbortController()
  const end = () => stop.abort(new CliError('ended before it was done', EXIT.failed))
  process.on('SIGINT', end).on('SIGTERM', end).on('SIGHUP', end)
  try {
    return await work(stop.signal)
  } catch (error) {
    if (stop.signal.aborted) throw stop.signal.reason
    if (error instanceof ImageRefusal) throw new CliError(error.message, EXIT.usage, { cause: error })
    if (error instanceof BuildFailure) throw new CliError(error.message, EXIT.failed, { cause: error })
    throw error
  } finally {
    process.off('SIGINT', end).off('SIGTERM', end).off('SIGHUP', end)
  }
}

function collect(file: string, before: readonly string[]): string[] {
  return [...before, file]
}
