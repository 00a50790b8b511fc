import { readText, realPath, stat, type Tree } from '../../tree.ts'
import { REBUILD, type Check, type Finding } from '../finding.ts'
import type { Look } from '../look.ts'

const PROGRAMS = ['/usr/bin/sudo', '/usr/bin/sudo-rs']
const MOST_FILES = 100

/** The agent formats and mounts its volume through sudo, and ends at the first command that asks for a password. */
export const agentSudo: Check = {
  id: 'H4',
  looksFor: 'an agent\'s user who may not use sudo',
  async find(look) {
    const users = agentUsers(look).filter((user) => user !== 'root' && user !== '0')
    if (users.length === 0) return []
    const programs = await Promise.all(PROGRAMS.map((path) => stat(look.tree, path)))
    const sudo = programs.find((node) => node?.type === 'file')
    if (!sudo) return [finding('sudo-missing', `the image has no sudo (${PROGRAMS[0]}); the agent runs as ${users.join(', ')}`, 'install sudo in the base image')]
    const rules = await sudoers(look.tree)
    const without = users.filter((user) => !names(look, user).some((name) => grants(rules, name)))
    return without.map((user) => finding('sudo-not-allowed', `no line of /etc/sudoers or /etc/sudoers.d lets ${user}, as whom the agent runs, use sudo without a password`, `${REBUILD}; or echo '${user} ALL=(ALL) NOPASSWD:ALL' > /etc/sudoers.d/60-${user} in the base image`))
  },
}

function agentUsers({ agent, guestConfig, foreignUnits }: Look): string[] {
  if (agent === 'ours') return guestConfig?.agentUser === undefined ? [] : [guestConfig.agentUser]
  return [...new Set(foreignUnits.map((unit) => unit.values('Service', 'User').at(-1) ?? 'root'))]
}

/** By which rules may call a user: himself, his groups, everybody. */
function names({ accounts }: Look, user: string): string[] {
  const own = accounts.users.find(({ name }) => name === user)
  return [user, ...accounts.groups.filter(({ gid, members }) => gid === own?.gid || members.includes(user)).map(({ name }) => `%${name}`), 'ALL']
}

function grants(rules: string, name: string): boolean {
  return rules.split('\n').some((line) => line.replace(/\t/g, ' ').startsWith(`${name} `) && /\bNOPASSWD\s*:/.test(line))
}

async function sudoers(tree: Tree): Promise<string> {
  const main = (await readText(tree, '/etc/sudoers', 2 ** 18)) ?? ''
  const included = /^[#@]includedir\s+\/etc\/sudoers\.d/m.test(main) ? await realPath(tree, '/etc/sudoers.d') : undefined
  // sudo passes over names with a dot and backups.
  const files = included === undefined ? [] : (await tree.list(included)).filter((name) => !/\.|~$/.test(name)).slice(0, MOST_FILES)
  const texts = await Promise.all(files.map((name) => readText(tree, `${included}/${name}`, 2 ** 18)))
  return [main, ...texts].join('\n').replace(/\\\n/g, ' ')
}

function finding(code: string, what: string, mend: string): Finding {
  return { id: 'H4', code, level: 'error', what: `${what}: it fails at its first command that needs root`, mend, path: '/etc/sudoers' }
}
