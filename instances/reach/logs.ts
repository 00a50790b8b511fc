import { Writable } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'
import { UNITS } from '../../contract/paths.ts'
import type { SshSession } from '../../diagnosis/collect/ssh/open-ssh.ts'
import type { RemoteEnd } from '../../diagnosis/collect/ssh/stream-remote.ts'
import { interleaved, newest } from './interleave.ts'
import { agentLogReader, journalLines, offsetOf, type LogLine } from './log-line.ts'

export interface LogWish {
  /** The newest of all sources together; of a log that goes on, of each. */
  readonly lines: number
  /** Units in place of ours, Trove's and cloud-init's; each a name that `isUnit` lets through. */
  readonly units?: readonly string[]
  readonly follow: boolean
}

const OWN_UNITS = [UNITS.guest, UNITS.agent, UNITS.agentFailed, UNITS.renew, 'cloud-init-local.service', 'cloud-init.service', 'cloud-config.service', 'cloud-final.service']
/** log_dir and log_file as devstack and Trove's packages have them. */
const AGENT_LOG = '/var/log/trove/trove-guestagent.log'
const FIELDS = 'MESSAGE,_SYSTEMD_UNIT,UNIT,SYSLOG_IDENTIFIER'
/** A line that never ends is cut here. */
const LONGEST = 256 * 1024

/** Names of units as systemd takes them, and nothing that a shell would read. */
export function isUnit(text: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9:_.@-]{0,200}$/.test(text)
}

/**
 * Reads a guest's logs and tells each line in the order of its time. Ends with the logs; those that are followed end with the signal.
 * @returns what journalctl said on its stderr, and how it ended: with neither code nor signal the connection was lost
 */
export async function readLogs(session: SshSession, { lines, units, follow }: LogWish, tell: (line: LogLine) => void, signal: AbortSignal): Promise<{ readonly said: string; readonly end: RemoteEnd }> {
  const said = new Words()
  const gathered: LogLine[] = []
  const live = interleaved(tell)
  const add = follow ? live.add : (line: LogLine) => void gathered.push(line)
  const journal = stream(session, journalCommand(units ?? OWN_UNITS, lines, follow), (line) => journalLines(line).forEach(add), said, signal)
  const agent = units === undefined ? agentLog(session, lines, follow, add, signal) : undefined
  const [end] = await Promise.all([journal, agent])
  live.flush()
  newest(gathered, lines).forEach(tell)
  return { said: said.text, end }
}

async function agentLog(session: SshSession, lines: number, follow: boolean, add: (line: LogLine) => void, signal: AbortSignal): Promise<void> {
  let read: ((line: string) => LogLine) | undefined
  // The first line is the guest's zone. A guest without the file has no such log; that is no fault.
  const take = (line: string): void => {
    if (read === undefined) read = agentLogReader(offsetOf(line))
    else if (line !== '') add(read(line))
  }
  await stream(session, `date +%z; ${asRoot(`tail -n ${lines}${follow ? ' -F' : ''} ${AGENT_LOG}`)}`, take, new Words(), signal)
}

function journalCommand(units: readonly string[], lines: number, follow: boolean): string {
  return asRoot(`journalctl --no-pager --quiet -o json --output-fields=${FIELDS} -n ${lines}${follow ? ' -f' : ''}${units.map((unit) => ` -u ${unit}`).join('')}`)
}

/** Without root where sudo is not to be had: a debug user in group systemd-journal or adm reads as much. */
function asRoot(command: string): string {
  return `if sudo -n true 2>/dev/null; then exec sudo -n ${command}; else exec ${command}; fi`
}

async function stream(session: SshSession, command: string, onLine: (line: string) => void, said: Writable, signal: AbortSignal): Promise<RemoteEnd> {
  const lines = new Lines(onLine)
  const end = await session.stream(command, { stdout: lines, stderr: said, signal })
  lines.finish()
  return end
}

class Lines extends Writable {
  readonly #onLine: (line: string) => void
  readonly #decoder = new StringDecoder('utf8')
  #rest = ''

  constructor(onLine: (line: string) => void) {
    super()
    this.#onLine = onLine
  }

  override _write(piece: Buffer, _encoding: BufferEncoding, done: () => void): void {
    const lines = (this.#rest + this.#decoder.write(piece)).split('\n')
    this.#rest = lines.pop()!.slice(0, LONGEST)
    for (const line of lines) this.#onLine(line)
    done()
  }

  finish(): void {
    if (this.#rest !== '') this.#onLine(this.#rest)
    this.#rest = ''
  }
}

/** The beginning of what a program says on its stderr. */
class Words extends Writable {
  text = ''

  override _write(piece: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.text = (this.text + piece.toString('utf8')).slice(0, 1000)
    done()
  }
}
