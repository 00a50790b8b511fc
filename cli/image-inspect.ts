import type { Command } from 'commander'
import { inspectImage } from '../image-builder/without-root/verbs.ts'
import { inspectText } from './image-text.ts'
import { explained, reachOf, withReachOptions, type ReachOptions } from './image-work.ts'

/** `trovestrap image inspect` */
export function registerImageInspect(image: Command): void {
  const inspect = image
    .command('inspect')
    .description('Show what was put into an image, and whether it was altered since. Secrets are not shown.')
    .argument('IMAGE', 'an image that image build made')
    .option('--json', 'for programs')
  withReachOptions(inspect)
    .addHelpText('after', '\nExit codes: 0 well, 2 not an image, or nothing of ours in it.')
    .action(async (path: string, options: ReachOptions & { json?: boolean }) => {
      const seen = await explained('nothing was shown', async (signal) => await inspectImage(path, reachOf(options), signal))
      process.stdout.write(options.json ? `${JSON.stringify(seen, null, 2)}\n` : inspectText(seen))
    })
}
