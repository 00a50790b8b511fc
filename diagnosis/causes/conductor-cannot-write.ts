import type { Cause, Step } from '../cause.ts'
import type { Facts } from '../facts.ts'
import { conductorSaid } from './conductor-said.ts'
import { silence } from './silence.ts'

// Of conductor's own: what a guest reports of its database stands in the same log, quoted at DEBUG.
const DATABASE = /\b(?:WARNING|ERROR|CRITICAL)\b.*(?:OperationalError|DBConnectionError|DBError\b|DBDataError|readonly database|database is locked|Can't connect to MySQL|Lost connection to MySQL|Access denied for user)/
/** Seconds; Trove takes an agent for dead after that. */
const STALE = 90

export const conductorCannotWrite: Cause = {
  id: 'J6',
  name: 'conductor-cannot-write',
  title: "trove-conductor cannot write Trove's database",
  phase: 'report',
  shows: 'trove-conductor logs OperationalError or DBConnectionError; the status stays as it was',
  needs: ['trove_logs', 'trove', 'broker'],
  symptomOf: ['J1'],
  mend: 'start the database, free its disk, or correct [database] connection in trove.conf',
  find(facts) {
    const line = conductorSaid(facts, DATABASE)
    if (line === undefined || facts.agentConnected === false) return undefined
    const { trove, at } = facts.evidence
    const age = facts.seconds(trove?.service?.updated, at)
    const fresh = facts.healthy === true && (age === undefined || age < STALE)
    if (fresh) return undefined
    const own = named(facts) || silence(facts) !== undefined || (age !== undefined && age > STALE)
    if (!own) return { undecided: "trove-conductor could not write Trove's database; whether it still cannot the instance's status tells", wants: ['trove'], proof: [line] }
    return { what: `trove-conductor cannot write Trove's database: ${/\b[\w.]*(?:Error)\b.*/.exec(line.text)?.[0]?.slice(0, 200) ?? line.text.slice(0, 200)}`, proof: [line], mend: mend(line.text) }
  },
}

/** With debug on it names the instance just before it fails. */
function named(facts: Facts): boolean {
  return conductorSaid(facts, new RegExp(`Instance ID: ${facts.evidence.instance}`)) !== undefined
}

function mend(text: string): Step[] {
  if (/Can't connect|Lost connection|DBConnectionError/.test(text)) return [{ on: 'host', run: 'systemctl start mariadb' }, { on: 'host', say: 'or correct [database] connection in trove.conf, then: systemctl restart trove-conductor' }]
  if (/readonly|read-only/.test(text)) return [{ on: 'host', say: "let the user of trove-conductor write the database's file and its folder" }, { on: 'host', run: 'systemctl restart trove-conductor' }]
  return [{ on: 'host', say: "see the database's own log and free space (df -h); then:" }, { on: 'host', run: 'systemctl restart trove-conductor' }]
}
