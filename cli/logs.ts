import { InvalidArgumentError, type Command } from 'commander'
import { printable } from '../diagnosis/printable.ts'
import type { LogLine } from '../instances/reach/log-line.ts'
import { isUnit, readLogs } from '../instances/reach/logs.ts'
import { NotReached } from '../instances/reach/reach.ts'
import { consoleOutput } from '../openstack/nova.ts'
import { askCloud } from './ask-cloud.ts'
import { CliError, EXIT } from './exit.ts'
import { guestAtHand, type GuestAtHand } from './guest-at-hand.ts'
import { logInTo, UnknownHostKey } from './log-in-to.ts'
import { patienceOf } from './patience.ts'
import { withReachOptions, type ReachOptions } from './reach-options.ts'

interface LogsOptions extends ReachOptions {
  readonly follow?: boolean
  readonly lines: number
  readonly unit?: string[]
  readonly json?: boolean
}

const SOURCE_WIDTH = 10

/** `trovestrap logs INSTANCE` */
export function registerLogs(program: Command): void {
  withReachOptions(program.command('logs').description("Show a guest's logs in the order of their time: our daemon, the agent, cloud-init and Trove's own log; where SSH reaches nothing, its console through Nova."))
    .argument('INSTANCE', 'id of an instance, 8 digits of its beginning or more, or its name')
    .option('--follow', 'go on as they grow, until Ctrl-C')
    .option('--lines <NUMBER>', 'the newest so many', number, 100)
    .option('--unit <UNIT>', 'this unit of systemd in place of ours; repeatable', unit)
    .option('--json', 'for programs: one object a line')
    .addHelpText('after', "\nExamples:\n  trovestrap logs db-1\n  trovestrap logs db-1 --follow\n  trovestrap logs db-1 --unit docker --lines 20\n\nTimes are the guest's, in UTC.\n\nExit codes: 0 well (also where the console had to do), 1 neither SSH nor Nova reaches it, or the connection was lost, 2 wrong usage, or nothing says that it is the guest.")
    .action(async (words: string, options: LogsOptions, command: Command) => {
      const guest = await guestAtHand(words, options, command)
      try {
        const { session } = await logInTo(guest, options)
        await using _open = session
        const left = new AbortController()
        const leave = (): void => left.abort()
        // Only now: while it connects, Ctrl-C ends the whole.
        process.once('SIGINT', leave).once('SIGTERM', leave)
        const wish = { lines: options.lines, follow: options.follow === true, ...(options.unit === undefined ? {} : { units: options.unit }) }
        const { said, end } = await readLogs(session, wish, (line) => process.stdout.write(text(line, options)), left.signal).finally(() => process.off('SIGINT', leave).off('SIGTERM', leave))
        if (said !== '') process.stderr.write(`${printable(said.trim())}\n`)
        if (left.signal.aborted) return
        if (end.code === undefined && end.signal === undefined) throw new CliError(`the connection to ${guest.name} was lost`, EXIT.failed)
      } catch (error) {
        if (error instanceof NotReached) await showConsole(guest, error.reasons.length === 0 ? [error.message] : error.reasons, options)
        // Nova vouches for the console: one sees there why a guest has not enrolled, and so has reported nothing yet.
        else if (error instanceof UnknownHostKey && guest.console !== undefined) await showConsole(guest, [error.why], options)
        else throw error
      }
    })
}

async function showConsole({ name, console: place }: GuestAtHand, reasons: readonly string[], options: LogsOptions): Promise<void> {
  const why = reasons.map((reason) => `  ${printable(reason)}\n`).join('')
  if (place === undefined) throw new CliError(`SSH does not reach ${name}, and no Nova is known that has its console.\n${why}  --os-cloud NAME, as a user that may see its server`, EXIT.failed)
  process.stderr.write(`SSH does not reach ${name}; this is its console, as Nova has it${options.follow ? ', once' : ''}:\n${why}`)
  const output = await askCloud(() => consoleOutput(place.cloud, place.server, options.lines, patienceOf()))
  for (const line of output.replace(/\n$/, '').split(/\r*\n/)) process.stdout.write(options.json ? `${JSON.stringify({ source: 'console', message: line })}\n` : `${'console'.padEnd(SOURCE_WIDTH)} ${printable(line)}\n`)
}

function text({ at, source, message }: LogLine, { json }: LogsOptions): string {
  const time = new Date(at).toISOString()
  return json ? `${JSON.stringify({ at: time, source, message })}\n` : `${time}  ${printable(source).padEnd(SOURCE_WIDTH)} ${printable(message)}\n`
}

function number(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('expected a number from 1 to 999999.')
  return Number(text)
}

function unit(text: string, before: string[] | undefined): string[] {
  if (!isUnit(text)) throw new InvalidArgumentError('expected the name of a unit, such as docker.service.')
  return [...(before ?? []), text]
}
