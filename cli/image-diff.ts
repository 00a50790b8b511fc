import type { Command } from 'commander'
import { diffImages } from '../image-builder/without-root/verbs.ts'
import { CliError, EXIT } from './exit.ts'
import { differenceText } from './image-text.ts'
import { explained, reachOf, shown, withReachOptions, type ReachOptions } from './image-work.ts'

/** `trovestrap image diff` */
export function registerImageDiff(image: Command): void {
  const diff = image
    .command('diff')
    .description('Show what differs between two images: paths, types, modes, owners, links, attributes, contents. Times are not compared, contents never shown.')
    .argument('BASE', 'an image')
    .argument('OUT', 'another, such as what image build made of it')
    .option('--json', 'for programs')
  withReachOptions(diff)
    .addHelpText('after', '\nLines begin with + (only in OUT), - (only in BASE) or ~ (differs).\n--backing and --key-file are those of BASE.\n\nExit codes: 0 nothing differs, 1 something does, 2 an image cannot be read.')
    .action(async (base: string, out: string, options: ReachOptions & { json?: boolean }) => {
      const differences = await explained('nothing was shown', async (signal) => {
        const way = options.way ? { way: options.way } : {}
        return await shown((steps) => diffImages({ image: base, options: reachOf(options) }, { image: out, options: way }, steps, signal))
      })
      process.stdout.write(options.json ? `${JSON.stringify(differences, null, 2)}\n` : differences.map(differenceText).join(''))
      if (differences.length > 0) throw new CliError(`${base} and ${out} differ in ${differences.length} paths`, EXIT.failed)
    })
}
