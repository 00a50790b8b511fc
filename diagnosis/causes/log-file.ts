import type { Cause, Step } from '../cause.ts'
import type { Facts } from '../facts.ts'
import { GUEST, UNITS } from '../../contract/paths.ts'
import { agentSaid } from './agent-said.ts'
import { dropForGuests, setAside } from './edit-guest-config.ts'
import { safeWord } from './safe-word.ts'

/** Python's words; the path alone tells it from any other file that is missing. */
const LINE = /(FileNotFoundError|PermissionError|IsADirectoryError|NotADirectoryError): \[Errno \d+\] [^:]*: '(\/[^']*)'/

export const logFile: Cause = {
  id: 'F7',
  name: 'log-file-unwritable',
  title: "the agent's log file cannot be opened",
  phase: 'start-agent',
  shows: 'the agent ends with FileNotFoundError or PermissionError for the path of log_file or log_dir',
  needs: ['console', 'record', 'guest'],
  symptomOf: ['B8'],
  mend: 'take log_file and log_dir out of the guests\' configuration (the journal has the log anyway), or make the folder',
  find(facts) {
    const proof = agentSaid(facts, LINE)
    const path = proof && LINE.exec(proof.text)![2]!
    if (path === undefined || !isLog(facts, path)) return undefined
    return { what: `the agent cannot open its log file ${path}`, proof: [proof!], mend: mend(facts, path) }
  },
}

function isLog(facts: Facts, path: string): boolean {
  return path.endsWith('.log') || path.startsWith('/var/log/') || OPTIONS.some((option) => configured(facts, option)?.value === path)
}

const OPTIONS = ['log_file', 'log_dir'] as const

function configured(facts: Facts, option: string): { value: string; file?: string } | undefined {
  const value = facts.evidence.machine?.guest_config?.options[option]
  return facts.option('DEFAULT', option) ?? (value === undefined ? undefined : { value })
}

/** Where the option is set decides: in the host's part, in another file of the guest, or nowhere (then the folder is missing). */
function mend(facts: Facts, path: string): Step[] {
  const set = OPTIONS.filter((option) => {
    const value = configured(facts, option)?.value
    return value !== undefined && (value === path || path.startsWith(value.endsWith('/') ? value : `${value}/`))
  })
  const local = set.map((option) => facts.option('DEFAULT', option)?.file).find((file) => file !== undefined && file > GUEST.servedConfig)
  if (local !== undefined) return [setAside(local), { on: 'guest', run: `sudo systemctl restart ${UNITS.guest}` }]
  const options = set.length > 0 ? set : facts.saw('guest') || facts.evidence.machine?.guest_config ? [] : (['log_file'] as const)
  if (options.length > 0) return options.flatMap((option, index) => dropForGuests(facts, 'DEFAULT', option).slice(0, index === options.length - 1 ? 2 : 1))
  const folder = safeWord(path.slice(0, path.lastIndexOf('/')))
  return folder === undefined ? [{ on: 'guest', say: `make the folder of ${path}, owned by the agent's user` }] : [{ on: 'guest', run: `sudo install -d -o trove -g trove ${folder}` }]
}
