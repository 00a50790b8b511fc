import { UNITS } from '../../contract/paths.ts'
import { ProgramError, type System } from '../system.ts'
import { scrub } from '../../contract/scrub.ts'

/** A traceback's last line: `amqp.exceptions.AccessRefused: (0, 0): (403) ACCESS_REFUSED - …`. */
const EXCEPTION = /^[A-Za-z_][\w.]*(Error|Exception|Failure|Refused|NotAllowed|NotFound|Forbidden|Timeout|Interrupt|Exit)\b/
/** What oslo.log puts before each line of a message: date, pid, level, logger, context. */
const LOGGED = /^(?:\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[.\d]* )?(?:\d+ )?(CRITICAL|ERROR|WARNING|INFO|DEBUG) [\w.]+ ?(?:\[[^\]]*\])? ?/
const COLOUR = /\x1b\[[\d;]*m/g

/**
 * The line of the agent's journal that says why it ended: the last exception, else the last error, else the last line.
 *
 * @returns without secrets, at most 500 characters; empty when the journal has nothing
 */
export async function lastWords(system: System, secrets: readonly string[] = []): Promise<string> {
  return decisiveLine(await journal(system), secrets)
}

export function decisiveLine(text: string, secrets: readonly string[] = []): string {
  const lines = text.split('\n').map((line) => {
    const plain = line.replace(COLOUR, '').trim()
    return { level: LOGGED.exec(plain)?.[1], message: plain.replace(LOGGED, '').trim() }
  })
  const said = lines.filter(({ message }) => message !== '')
  const telling =
    said.findLast(({ message }) => EXCEPTION.test(message)) ??
    said.findLast(({ level }) => level === 'CRITICAL' || level === 'ERROR') ??
    said.at(-1)
  return scrub(telling?.message ?? '', secrets).slice(0, 500)
}

async function journal(system: System): Promise<string> {
  try {
    return (await system.run('journalctl', ['--unit', UNITS.agent, '--boot', '--output=cat', '--lines=50', '--no-pager'])).stdout
  } catch (error) {
    if (error instanceof ProgramError) return ''
    throw error
  }
}
