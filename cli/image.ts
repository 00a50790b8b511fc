import type { Command } from 'commander'
import { buildImage } from '../image-builder/build-image.ts'
import { inspectImage } from '../image-builder/inspect-image.ts'
import { BuildFailure, ImageRefusal } from '../image-builder/refusal.ts'
import type { Progress as BuildProgress } from '../image-builder/wish.ts'
import { CliError, EXIT } from './exit.ts'
import { buildText, inspectText } from './image-text.ts'
import { imageWish, type BuildOptions } from './image-wish.ts'
import { progress, type Step } from './progress.ts'

/** `trovestrap image build|inspect` */
export function registerImage(program: Command): void {
  const image = program.command('image').description('Guest images: build one from any base image, and see what is in one.')

  image
    .command('build')
    .description('Put the guest daemon into a base image. BASE is only read; OUT appears whole or not at all.')
    .argument('BASE', 'qcow2 or raw disk image with ext2/3/4 and systemd: Ubuntu 20.04, Debian 10, CentOS Stream 8 or later')
    .requiredOption('-o, --out <OUT>', 'the qcow2 to make (mode 0600: it holds the bootstrap token)')
    .option('--url <URL>', 'where guests find host-server, https://HOST:PORT; may be given several times (default: names of the configuration)', collect, [])
    .option('--token-file <FILE>', 'bootstrap token to put in (default: a fresh one)')
    .option('--ca <FILE>', 'certificate of the CA that guests trust (default: the one of this host)')
    .option('--agent-user <NAME>', 'as whom the Trove agent runs; made when the image has it not', 'trove')
    .option('--debug-user <NAME>', 'make a user who may log in (serial console, SSH) and become root')
    .option('--debug-key <FILE>', 'public SSH key of the debug user')
    .option('--debug-password', 'ask for a password of the debug user on the terminal')
    .option('--debug-password-stdin', 'read the password of the debug user from standard input')
    .option('--force', 'replace OUT when it is there')
    .option('--json', 'for programs')
    .addHelpText('after', '\nExamples:\n  trovestrap image build debian-12.qcow2 -o guest.qcow2\n  trovestrap image build debian-12.qcow2 -o guest.qcow2 --debug-user me --debug-key ~/.ssh/id_ed25519.pub\n\nExit codes: 0 well, 1 the build failed, 2 the image or the options cannot be used. Nothing is written then.')
    .action(async (base: string, options: BuildOptions & { json?: boolean }, command: Command) => {
      await explained(async (signal) => {
        const { wish, withdraw } = await imageWish(base, options, command)
        const steps = stepsOn(process.stderr)
        try {
          const result = await buildImage(wish, steps, signal)
          process.stdout.write(options.json ? `${JSON.stringify(result, null, 2)}\n` : buildText(result))
        } catch (error) {
          steps.fail()
          await withdraw()
          throw error
        }
      })
    })

  image
    .command('inspect')
    .description('Show what was put into an image, and whether it was altered since. Secrets are not shown.')
    .argument('IMAGE', 'an image that image build made')
    .option('--json', 'for programs')
    .addHelpText('after', '\nExit codes: 0 well, 2 not an image, or nothing of ours in it.')
    .action(async (path: string, options: { json?: boolean }) => {
      await explained(async (signal) => {
        const seen = await inspectImage(path, signal)
        process.stdout.write(options.json ? `${JSON.stringify(seen, null, 2)}\n` : inspectText(seen))
      })
    })
}

/** Ctrl-C and `kill` end the work in its own way, so that its folder goes away. */
async function explained(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const stop = new AbortController()
  const end = () => stop.abort(new CliError('ended before it was done; nothing was written', EXIT.failed))
  process.on('SIGINT', end).on('SIGTERM', end).on('SIGHUP', end)
  try {
    await work(stop.signal)
  } catch (error) {
    if (stop.signal.aborted) throw stop.signal.reason
    if (error instanceof ImageRefusal) throw new CliError(`${error.message}  (nothing written)`, EXIT.usage, { cause: error })
    if (error instanceof BuildFailure) throw new CliError(`${error.message}  (nothing written)`, EXIT.failed, { cause: error })
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') throw new CliError('the disk is full; nothing was written', EXIT.failed, { cause: error })
    throw error
  } finally {
    process.off('SIGINT', end).off('SIGTERM', end).off('SIGHUP', end)
  }
}

function stepsOn(out: NodeJS.WriteStream): BuildProgress & { fail(): void } {
  const shown = progress(out)
  let step: Step | undefined
  return {
    begin: (name) => void (step = shown.step(name)),
    update: (text) => step?.update(text),
    done(text) {
      step?.done(text)
      step = undefined
    },
    fail: () => step?.fail(''),
  }
}

function collect(url: string, before: string[]): string[] {
  return [...before, url]
}
