import { UNITS } from '../../contract/paths.ts'
import { ProgramError, type System } from '../system.ts'
import { scrub } from '../../contract/scrub.ts'

/** A traceback's last line: `amqp.exceptions.AccessRefused: (0, 0): (403) ACCESS_REFUSED - …`, `RuntimeError: …`. */
const EXCEPTION = /^(?:[A-Za-z_][\w.]*(?:Error|Exception|Failure|Refused|NotAllowed|NotFound|Forbidden|Timeout|Interrupt|Exit)\b|(?:[a-z_]\w*\.)+[A-Z]\w*:)/
/** By which Python ends once everything has been said; the exception before says why. */
const MERE_END = /^(?:SystemExit|KeyboardInterrupt|(?:\w+\.)*GreenletExit)\b/
/** sudo writes past the log. */
const SUDO = /^sudo: (?:a password is required|a terminal is required|unable to|no tty|\S+ is not in the sudoers|PERM_|error )/
/** What a program said that an exception tells of (oslo_concurrency.processutils.ProcessExecutionError), a few lines below it. */
const STDERR = /^Stderr: (?!(?:''|""|None)$)/
/** What oslo.log puts before each line of a message: date, pid, level, logger, context. */
const LOGGED = /^(?:\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[.\d]* )?(?:\d+ )?(CRITICAL|ERROR|WARNING|INFO|DEBUG) [\w.]+ ?(?:\[[^\]]*\])? ?/
/** What systemd says of the unit's comings and goings; what it says of a program that could not be started is as good as the program's word. */
const MANAGER =
  /^(?:Starting|Started|Stopping|Stopped) .*[Tt]rove|^\S+\.service: (?:Main process exited|Control process exited|Failed with result|Scheduled restart|Consumed|Deactivated|Succeeded|Service (?:RestartSec|hold-off)|A process of this unit|Killing process|Sent signal|Found left-over|State '|Unit process)|^Failed to restart trovestrap-/
/** sudo's notes of what it ran. */
const SUDO_RAN = /^\S+ : (?:[A-Z]+=\S+ ; )*PWD=/
/** An exception with more of the log behind it was dealt with: Trove logs one for each new volume, which has no file system yet. */
const DEALT_WITH = 5
const COLOUR = /\x1b\[[\d;]*m/g

interface Line {
  readonly level: string | undefined
  readonly message: string
}

/**
 * The line of the agent's journal that says why it ended: the last exception, else what sudo or the log calls an error, else the last line.
 *
 * @returns without secrets, at most 500 characters; empty when the journal has nothing
 */
export async function lastWords(system: System, secrets: readonly string[] = []): Promise<string> {
  return decisiveLine(await agentJournal(system), secrets)
}

export function decisiveLine(text: string, secrets: readonly string[] = []): string {
  const said = linesOf(text)
  const own = ownOf(said)
  return scrub(exceptionIn(own) ?? plainly(own.length > 0 ? own : said), secrets).slice(0, 500)
}

/** What the agent said last of all: of one that a signal ended no exception tells why. */
export function lastLine(text: string, secrets: readonly string[] = []): string {
  return scrub(ownOf(linesOf(text)).at(-1)?.message ?? '', secrets).slice(0, 500)
}

/** The agent's last lines as they stand in its journal, oldest first. @returns without secrets, at most `most` lines and 1000 characters */
export function lastLines(text: string, secrets: readonly string[] = [], most = 10): string {
  const lines = linesOf(text).slice(-most).map(({ level, message }) => (level === undefined ? message : `${level} ${message}`))
  return scrub(lines.join('\n'), secrets).slice(-1000)
}

/** The end of the agent's journal of this boot; empty when there is none. */
export async function agentJournal(system: System): Promise<string> {
  try {
    return (await system.run('journalctl', ['--unit', UNITS.agent, '--boot', '--output=cat', '--lines=50', '--no-pager'])).stdout
  } catch (error) {
    if (error instanceof ProgramError) return ''
    throw error
  }
}

function linesOf(text: string): Line[] {
  return text
    .split('\n')
    .map((line) => {
      const plain = line.replace(COLOUR, '').trim()
      return { level: LOGGED.exec(plain)?.[1], message: plain.replace(LOGGED, '').trim() }
    })
    .filter(({ message }) => message !== '')
}

/** Without what systemd and sudo say of the agent. */
function ownOf(said: readonly Line[]): Line[] {
  return said.filter(({ level, message }) => level !== undefined || !(MANAGER.test(message) || SUDO_RAN.test(message)))
}

function exceptionIn(said: readonly Line[]): string | undefined {
  const last = said.findLastIndex(({ message }) => EXCEPTION.test(message) && !MERE_END.test(message))
  if (last < 0 || said.slice(last).filter(({ level }) => level === 'INFO' || level === 'DEBUG').length > DEALT_WITH) return undefined
  const program = said.slice(last + 1, last + 6).find(({ message }) => STDERR.test(message))
  return program === undefined ? said[last]!.message : `${said[last]!.message} ${program.message}`
}

function plainly(said: readonly Line[]): string {
  const telling =
    said.findLast(({ message }) => SUDO.test(message)) ??
    said.findLast(({ level }) => level === 'CRITICAL' || level === 'ERROR') ??
    said.findLast(({ message }) => MERE_END.test(message)) ??
    said.at(-1)
  return telling?.message ?? ''
}
