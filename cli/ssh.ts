import { constants } from 'node:os'
import type { Command } from 'commander'
import { commandLine } from '../instances/reach/command-line.ts'
import { interactiveShell } from '../instances/reach/interactive.ts'
import { NotReached } from '../instances/reach/reach.ts'
import { CliError } from './exit.ts'
import { guestAtHand } from './guest-at-hand.ts'
import { logInTo } from './log-in-to.ts'
import { withReachOptions, type ReachOptions } from './reach-options.ts'

/** As ssh(1) ends where it is not the command that has ended. */
const NOT_REACHED = 255

/** `trovestrap ssh INSTANCE [-- CMD…]` */
export function registerSsh(program: Command): void {
  withReachOptions(program.command('ssh').description("Log in to a guest as its debug user, by whichever way leads in; its host key has to be one that the guest itself has reported. With CMD that runs, otherwise a shell."))
    .argument('INSTANCE', 'id of an instance, 8 digits of its beginning or more, or its name')
    .argument('[CMD...]', "behind --: one word is a command line for the guest's shell; several are a program and its words, which it gets as they are typed")
    .addHelpText('after', `
Examples:
  trovestrap ssh db-1
  trovestrap ssh db-1 -- sudo journalctl -u trovestrap-agent -n 20
  trovestrap ssh db-1 --key ~/.ssh/debug -- 'docker ps | head -3'
  trovestrap ssh 5b2d1f3e --jump stack@controller

Exit codes: that of CMD or of the shell; ${NOT_REACHED} the guest was not reached, 2 wrong usage, or nothing says that it is the guest.`)
    .action(async (words: string, typed: string[], options: ReachOptions, command: Command) => {
      const guest = await guestAtHand(words, options, command)
      const { way, session } = await reached(() => logInTo(guest, options))
      const code = await (typed.length === 0 ? shell() : run()).finally(() => session[Symbol.asyncDispose]())
      if (code !== 0) throw new CliError('', code)

      async function run(): Promise<number> {
        const { stdin, stdout, stderr } = process
        const end = await session.stream(commandLine(typed), { stdin, stdout, stderr })
        stdin.pause().unref?.()
        if (end.code === undefined && end.signal === undefined) throw new CliError(`the connection to ${guest.name} was lost`, NOT_REACHED)
        return end.code ?? 128 + (constants.signals[`SIG${end.signal}` as NodeJS.Signals] ?? 0)
      }

      async function shell(): Promise<number> {
        await session[Symbol.asyncDispose]()
        return await interactiveShell({ way, hostKeys: guest.hostKeys.length > 0 ? guest.hostKeys : [session.hostKey], ...(options.key === undefined ? {} : { keyFile: options.key }) })
      }
    })
}

async function reached<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof NotReached)) throw error
    throw new CliError(`SSH does not reach the guest.\n${error.reasons.map((reason) => `  ${reason}\n`).join('')}  --address, --jump or --netns says a way; trovestrap logs shows its console`, NOT_REACHED, { cause: error })
  }
}
