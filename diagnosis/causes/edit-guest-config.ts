import { GUEST } from '../../contract/paths.ts'
import type { Step } from '../cause.ts'
import type { Facts } from '../facts.ts'
import { safeWord } from './safe-word.ts'

/** Trove's own default of `guest_config`, where this host was not looked at. */
const USUAL = '/etc/trove/trove-guestagent.conf'

/** The file on the host from which guests get their configuration. */
export function guestConfigPath(facts: Facts): string {
  return safeWord(facts.evidence.machine?.guest_config?.file.path) ?? USUAL
}

/** Sets an option for all guests: the file is changed, host-server reads it again, a waiting guest goes on by itself. */
export function setForGuests(facts: Facts, section: string, option: string, value: string): Step[] {
  return [{ on: 'host', run: `crudini --set ${guestConfigPath(facts)} ${section} ${option} ${value}` }, readAgain(facts)]
}

/** Takes an option out of the guests' configuration, so that its default counts. */
export function dropForGuests(facts: Facts, section: string, option: string): Step[] {
  return [{ on: 'host', run: `crudini --del ${guestConfigPath(facts)} ${section} ${option}` }, readAgain(facts)]
}

/** What nobody can type for the operator, because a password stands in it. */
export function editForGuests(facts: Facts, what: string): Step[] {
  return [{ on: 'host', say: `${what} in ${guestConfigPath(facts)}` }, readAgain(facts)]
}

/** host-server takes the change over; one that did not start because of it is started. */
export function readAgain(facts: Facts): Step {
  const runs = facts.evidence.machine?.host_server.listening !== false
  return { on: 'host', run: `systemctl ${runs ? 'reload' : 'restart'} trovestrap-host` }
}

/** Puts a file of the agent's configuration folder aside, in the guest. @param file its path, or its name in the folder */
export function setAside(file: string): Step {
  const path = safeWord(file.includes('/') ? file : `${GUEST.confDir}/${file}`)
  return path === undefined ? { on: 'guest', say: `take the file away: ${JSON.stringify(file)}` } : { on: 'guest', run: `sudo mv ${path} ${path}.off` }
}
