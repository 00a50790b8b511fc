import type { Command } from 'commander'
import { stripImage } from '../image-builder/without-root/verbs.ts'
import { madeText } from './image-text.ts'
import { explained, reachOf, shown, withReachOptions, type ReachOptions } from './image-work.ts'

/** `trovestrap image strip` */
export function registerImageStrip(image: Command): void {
  const strip = image
    .command('strip')
    .description('Take everything that image build put in out of an image again; what was there before is restored. IMAGE is only read.')
    .argument('IMAGE', 'an image that image build made; it may have been booted since')
    .requiredOption('-o, --out <CLEAN>', 'the qcow2 to make')
    .option('--force', 'replace CLEAN when it is there')
    .option('--json', 'for programs')
  withReachOptions(strip)
    .addHelpText('after', '\nExit codes: 0 well, 1 it failed, 2 the image or the options cannot be used. Nothing is written then.')
    .action(async (base: string, options: ReachOptions & { out: string; force?: boolean; json?: boolean }) => {
      const { out, force = false } = options
      const result = await explained('nothing written', async (signal) => await shown((steps) => stripImage({ base, out, force, ...reachOf(options) }, steps, signal)))
      process.stdout.write(options.json ? `${JSON.stringify(result, null, 2)}\n` : madeText(result))
    })
}
