import { UNITS } from '../../contract/paths.ts'
import type { Details } from '../../contract/report.ts'
import type { System } from '../system.ts'
import { ownSecrets } from '../own-secrets.ts'
import { agentJournal, decisiveLine, lastLine, lastLines } from './last-words.ts'
import type { UnitState } from './unit-state.ts'

/** An end of the agent: what varies of it, and in words. */
export interface Ended {
  readonly details: Details
  readonly words: string
  readonly last: string
  /** Its last lines, for those who have no other way to read them. */
  readonly lines: string
}

/** @param state as soon after the end as can be: systemd forgets most of it when it starts the unit again, and then its journal tells */
export async function howItEnded(system: System, state: UnitState): Promise<Ended> {
  const journal = await agentJournal(system)
  const secrets = ownSecrets(system.files)
  const { status, code, result } = { ...state, ...(state.sub === 'auto-restart' ? {} : endIn(journal, state)) }
  const killed = code === 'killed' || code === 'dumped'
  const said = (killed ? lastLine : decisiveLine)(journal, secrets)
  const last = result === 'oom-kill' ? `killed by the kernel, which ran out of memory (oom-kill)${said === '' ? '' : `; before that: ${said}`}`.slice(0, 500) : said
  const how = killed ? `ended by signal ${status}` : `ended with status ${status}`
  return {
    details: { unit: UNITS.agent, status, restarts: state.restarts, ...(['', 'success', 'exit-code'].includes(result) ? {} : { result }), last },
    words: `${how}${killed && result !== 'oom-kill' && last !== '' ? '; its last line' : ''}: ${last || 'its journal is empty'}`,
    last,
    lines: lastLines(journal, secrets),
  }
}

/** systemd's own lines, of 240 and newer: `…: Main process exited, code=exited, status=1/FAILURE`, `…: Failed with result 'oom-kill'.` */
function endIn(journal: string, state: UnitState): Pick<UnitState, 'status' | 'code' | 'result'> {
  const exits = [...journal.matchAll(/^\S+\.service: Main process exited, code=(\w+), status=(\d+)/gm)].at(-1)
  const result = [...journal.matchAll(/^\S+\.service: Failed with result '([a-z-]+)'/gm)].at(-1)?.[1]
  return exits === undefined ? state : { code: exits[1]!, status: Number(exits[2]), result: result ?? state.result }
}
