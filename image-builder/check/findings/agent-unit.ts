import { GUEST, UNITS } from '../../../contract/paths.ts'
import { stat } from '../../tree.ts'
import { REBUILD, type Check, type Finding } from '../finding.ts'
import { initScript, type Look } from '../look.ts'
import { cannotStart } from '../program.ts'
import { readUnit, type Unit } from '../unit.ts'

/** The unit that starts an agent at boot; in an image without our daemon that is the image's own. */
export const agentUnit: Check = {
  id: 'B6',
  looksFor: 'a unit that is missing, not enabled, masked, or with a wrong ExecStart or User',
  async find(look) {
    if (look.agent === 'none') {
      return [finding('no-agent', 'the image has neither our daemon nor a Trove agent of its own: nothing in it would answer Trove', `${REBUILD} with this image as BASE`)]
    }
    if (look.agent === 'ours') return ours(look)
    const started = look.foreignUnits.filter(({ enabled, masked }) => enabled && !masked)
    return (await Promise.all((started.length > 0 ? started : look.foreignUnits).map((unit) => faultsOf(look, unit)))).flat()
  },
}

async function ours(look: Look): Promise<Finding[]> {
  const [guest, agent, teller, renewal, timer] = await Promise.all([UNITS.guest, UNITS.agent, UNITS.agentFailed, UNITS.renew, UNITS.renewTimer].map((name) => readUnit(look.tree, name))) as [Unit, Unit, Unit, Unit, Unit]
  const bundle = await stat(look.tree, GUEST.bundle)
  const user = look.guestConfig?.agentUser
  return [
    ...(await faultsOf(look, guest)),
    ...(guest.path !== undefined && !guest.masked && (bundle?.type !== 'file' || bundle.size === 0)
      ? [finding('unit-exec', `${UNITS.guest} starts ${GUEST.bundle}, which is missing or empty`, REBUILD, GUEST.bundle)]
      : []),
    ...(agent.path === undefined ? [finding('unit-missing', `${UNITS.agent}, by which the daemon starts the agent, is not in the image`, REBUILD)] : []),
    ...(agent.masked ? [finding('unit-masked', `${UNITS.agent} is masked (${agent.path})`, `rm ${agent.path} in the image; or ${REBUILD}`, agent.path)] : []),
    ...(user !== undefined && !hasUser(look, user) ? [finding('unit-user', `${GUEST.config} lets the agent run as ${user}, who is not in /etc/passwd`, `${REBUILD} --agent-user NAME`, GUEST.config)] : []),
    ...(isGone(teller) ? [lesser('agent-end-untold', teller, 'nobody is told when the agent ends after it was heard')] : []),
    ...[renewal, timer].filter(isGone).slice(0, 1).map((unit) => lesser('credential-not-renewed', unit, EXPIRES)),
    ...(!isGone(timer) && !timer.enabled ? [notEnabled(timer)] : []),
  ]
}

const EXPIRES = "nothing renews the guest's credential while it runs: it expires, and the next boot needs a bootstrap token that is still valid"

const isGone = ({ path, masked }: Unit): boolean => path === undefined || masked

/** What a guest comes up without; it is later that somebody misses it. */
function lesser(code: string, { name, path, masked }: Unit, consequence: string): Finding {
  const what = `${name} is ${masked ? `masked (${path})` : 'not in the image'}: ${consequence}`
  return { ...finding(code, what, masked ? `rm ${path} in the image; or ${REBUILD}` : REBUILD, path), id: '-', level: 'warning' }
}

function notEnabled({ name, path }: Unit): Finding {
  return { ...finding('credential-not-renewed', `${name} is not enabled: ${EXPIRES}`, `systemctl enable ${name} in the image; or ${REBUILD}`, path), id: '-', level: 'warning' }
}

async function faultsOf(look: Look, unit: Unit): Promise<Finding[]> {
  const { name, path, masked, enabled } = unit
  if (path === undefined && (await stat(look.tree, initScript(name)))) return []
  if (path === undefined) return [finding('unit-missing', `${name} is not in the image`, REBUILD)]
  if (masked) return [finding('unit-masked', `${name} is masked (${path}): it never starts`, `systemctl unmask ${name} in the base image; or ${REBUILD}`, path)]
  const users = unit.values('Service', 'User')
  const user = users.at(-1)
  const commands = unit.values('Service', 'ExecStart')
  const wrong = (await Promise.all(commands.map((command) => cannotStart(look.tree, command)))).filter((fault) => fault !== undefined)
  return [
    ...(enabled ? [] : [finding('unit-not-enabled', `${name} is not enabled: no target wants it, so it does not start at boot`, `systemctl enable ${name} in the base image; or ${REBUILD}`, path)]),
    ...(commands.length === 0 ? [finding('unit-exec', `${name} has no ExecStart (${path})`, REBUILD, path)] : []),
    ...wrong.map((fault) => finding('unit-exec', `${name} cannot start (203/EXEC): ${fault}`, `set the right ExecStart in ${path}, or put the program there; or ${REBUILD}`, path)),
    ...(user !== undefined && !hasUser(look, user) ? [finding('unit-user', `${name} runs as ${user}, who is not in /etc/passwd (217/USER)`, `make the user in the base image; or ${REBUILD}`, path)] : []),
  ]
}

/** Specifiers have values in the guest only. */
function hasUser({ accounts }: Look, user: string): boolean {
  return user.includes('%') || accounts.users.some(({ name, uid }) => name === user || String(uid) === user)
}

function finding(code: string, what: string, mend: string, path?: string): Finding {
  return { id: 'B6', code, level: 'error', what, mend, ...(path === undefined ? {} : { path }) }
}
