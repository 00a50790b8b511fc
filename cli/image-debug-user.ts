import type { Command } from 'commander'
import { changeDebugUser } from '../image-builder/without-root/verbs.ts'
import { CliError } from './exit.ts'
import { madeText } from './image-text.ts'
import { debugUserOf, type DebugUserOptions } from './image-wish.ts'
import { explained, reachOf, shown, withReachOptions, type ReachOptions } from './image-work.ts'

interface Options extends ReachOptions, DebugUserOptions {
  readonly out: string
  readonly remove?: boolean
  readonly force?: boolean
  readonly json?: boolean
}

/** `trovestrap image debug-user` */
export function registerImageDebugUser(image: Command): void {
  const change = image
    .command('debug-user')
    .description('Add, re-key or remove the debug user of an image, and nothing else. IMAGE is only read.')
    .argument('IMAGE', 'an image that image build made')
    .requiredOption('-o, --out <OUT>', 'the qcow2 to make')
    .option('--debug-user <NAME>', 'who may log in (serial console, SSH) and become root; an earlier one of another name goes away')
    .option('--debug-key <FILE>', 'public SSH key; replaces earlier ones')
    .option('--debug-password', 'ask for a password on the terminal')
    .option('--debug-password-stdin', 'read the password from standard input')
    .option('--remove', 'leave no debug user')
    .option('--force', 'replace OUT when it is there')
    .option('--json', 'for programs')
  withReachOptions(change)
    .addHelpText('after', '\nExamples:\n  trovestrap image debug-user guest.qcow2 -o new.qcow2 --debug-user me --debug-key ~/.ssh/new.pub\n  trovestrap image debug-user guest.qcow2 -o new.qcow2 --remove\n\nExit codes: 0 well, 1 it failed, 2 the image or the options cannot be used. Nothing is written then.')
    .action(async (base: string, options: Options) => {
      const { out, force = false, remove = false } = options
      if (remove === (options.debugUser !== undefined)) throw new CliError('expected either a debug user or --remove.\n  --debug-user NAME --debug-key FILE      or --remove')
      const result = await explained('nothing written', async (signal) => {
        const user = await debugUserOf(options)
        const what = user ? ({ kind: 'set', user } as const) : ({ kind: 'remove' } as const)
        return await shown((steps) => changeDebugUser({ base, out, force, ...reachOf(options) }, what, steps, signal))
      })
      process.stdout.write(options.json ? `${JSON.stringify(result, null, 2)}\n` : madeText(result))
    })
}
