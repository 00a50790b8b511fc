import type { Command } from 'commander'
import { buildImage, planImage } from '../image-builder/without-root/verbs.ts'
import { checkFacts } from './image-check-facts.ts'
import { buildText, planText } from './image-text.ts'
import { imageWish, type BuildOptions } from './image-wish.ts'
import { collect, explained, parseSize, shown, withReachOptions } from './image-work.ts'
import { CliError } from './exit.ts'

interface Options extends BuildOptions {
  readonly accept?: readonly string[]
  readonly injectedOwner?: string
  readonly pythonRequires?: string
  readonly json?: boolean
}

/** `trovestrap image build` */
export function registerImageBuild(image: Command): void {
  const build = image
    .command('build')
    .description('Put the guest daemon into a base image. BASE is only read; OUT appears whole or not at all, and only when nothing would keep its guests from coming up.')
    .argument('BASE', 'qcow2 or raw disk image with systemd: Ubuntu 20.04, Debian 10, CentOS Stream 8 or later; any file system')
    .option('-o, --out <OUT>', 'the qcow2 to make (mode 0600: it holds the bootstrap token); OUT.json beside it says where it comes from')
    .option('--plan', 'print every change that would be made, and make none')
    .option('--url <URL>', 'where guests find host-server, https://HOST:PORT; may be given several times (default: names of the configuration)', collect, [])
    .option('--token-file <FILE>', 'bootstrap token to put in (default: a fresh one); "none" for an image without any secret, whose token the cloud injects')
    .option('--ca <FILE>', 'certificate of the CA that guests trust (default: the one of this host)')
    .option('--agent-user <NAME>', 'as whom the Trove agent runs; made when the image has it not', 'trove')
    .option('--debug-user <NAME>', 'make a user who may log in (serial console, SSH) and become root')
    .option('--debug-key <FILE>', 'public SSH key of the debug user')
    .option('--debug-password', 'ask for a password of the debug user on the terminal')
    .option('--debug-password-stdin', 'read the password of the debug user from standard input')
    .option('--prebake', 'put the configured source tree and wheels in as well: guests come up with host-server down, and fetch only what differs')
    .option('--sysprep', 'clear what belongs to one machine: machine-id, SSH host keys, leftovers of cloud-init and Trove, logs, histories')
    .option('--grow <SIZE>', 'enlarge disk, partition and root file system: 10G, or +2G for 2 GiB more', parseSize)
    .option('--accept <ID>', 'make OUT in spite of this finding at error level (its id or code); may be given several times', collect)
    .option('--injected-owner <NAME>', 'injected_config_owner of the Trove control plane (default: what the configured trove.conf says, else ubuntu)')
    .option('--python-requires <SPEC>', 'what the tree to be served requires, such as ">=3.11" (default: what the configured source tree says)')
    .option('--force', 'replace OUT when it is there')
    .option('--json', 'for programs')
  withReachOptions(build)
    .addHelpText(
      'after',
      `
Examples:
  trovestrap image build debian-12.qcow2 --plan
  trovestrap image build debian-12.qcow2 -o guest.qcow2
  trovestrap image build debian-12.qcow2 -o guest.qcow2 --debug-user me --debug-key ~/.ssh/id_ed25519.pub
  trovestrap image build ubuntu.qcow2 -o guest.qcow2 --grow 5G --sysprep --prebake

Exit codes: 0 well, 1 the build failed or a finding forbids it, 2 the image or the options cannot be used. Nothing is written then.`,
    )
    .action(async (base: string, options: Options, command: Command) => {
      if (options.plan) return await plan(base, options, command)
      const { out } = options
      if (out === undefined) throw new CliError(`the image to make was not named.\n  trovestrap image build ${base} -o OUT.qcow2      or, to see what would be done: --plan`)
      await explained('nothing written', async (signal) => {
        const { wish, withdraw } = await imageWish(base, { ...options, out }, command, signal)
        try {
          const facts = await checkFacts(options, command) // the token that was just made is among what this host knows
          const result = await shown((steps) => buildImage(wish, steps, signal, { facts, accept: options.accept ?? [] }))
          process.stdout.write(options.json ? `${JSON.stringify(result, null, 2)}\n` : buildText(result))
        } catch (error) {
          await withdraw()
          throw error
        }
      })
    })
}

async function plan(base: string, options: Options, command: Command): Promise<void> {
  await explained('nothing was to be written', async (signal) => {
    const { wish } = await imageWish(base, options, command, signal)
    const planned = await shown((steps) => planImage(wish, steps, signal))
    process.stdout.write(options.json ? `${JSON.stringify(planned, null, 2)}\n` : planText(base, planned))
  })
}
