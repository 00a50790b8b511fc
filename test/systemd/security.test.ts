import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'

const FOLDER = new URL('../../systemd/', import.meta.url).pathname

/** What `systemd-analyze security` of Debian 12 says at most: 0 is shut, 10 is open. */
const EXPOSURE: Readonly<Record<string, number>> = {
  'trovestrap-host.service': 1.2,
  'trovestrap-guest.service': 3.8,
  'trovestrap-agent-failed.service': 2.1,
  'trovestrap-renew.service': 2.1,
  'trovestrap-firewall.service': 2.5,
  'trovestrap-agent.service': 8,
}
/** They say themselves what is open, point by point. */
const EXPLAINED = ['trovestrap-host.service', 'trovestrap-renew.service', 'trovestrap-guest.service', 'trovestrap-agent-failed.service', 'trovestrap-agent.service', 'trovestrap-firewall.service']

interface Point {
  readonly set: boolean | null
  readonly name: string
  readonly exposure: string | null
}

function analyzed(name: string, ...options: string[]): string {
  const ran = spawnSync('systemd-analyze', ['security', '--offline=true', '--no-pager', ...options, join(FOLDER, name)], { encoding: 'utf8' })
  if (ran.status !== 0) throw new Error(ran.stderr)
  return ran.stdout
}

t.test('no unit is more open than it has to be', async (t) => {
  t.same(readdirSync(FOLDER).filter((name) => name.endsWith('.service')).sort(), Object.keys(EXPOSURE).sort(), 'each has its figure')
  for (const [name, most] of Object.entries(EXPOSURE)) {
    const level = Number(/Overall exposure level for \S+: ([\d.]+)/.exec(analyzed(name))?.[1])
    t.ok(level <= most, `${name}: ${level}, at most ${most}`)
  }
})

t.test('each point that is still open is named in the unit, with the reason', async (t) => {
  for (const name of EXPLAINED) {
    const text = readFileSync(join(FOLDER, name), 'utf8')
    const comments = text.split('\n').filter((line) => line.startsWith('#')).join('\n')
    const open = (JSON.parse(analyzed(name, '--json=short')) as Point[]).filter(({ set, exposure }) => set === false && Number(exposure) > 0)
    t.ok(open.length > 0)
    for (const point of open) t.ok(isNamed(point.name, text, comments), `${name} says why ${point.name} is open`)
  }
})

/** In full; by what is left of a list that the unit cuts down; or as an option that the unit has not at all. */
function isNamed(point: string, text: string, comments: string): boolean {
  const name = point.replace(/=$/, '')
  const [option, left] = name.split('=~')
  if (comments.includes(name) || (left !== undefined && comments.includes(left) && /^CAP_|^@|^AF_/.test(left))) return true
  return !new RegExp(`^${option}=`, 'm').test(text) && new RegExp(`\\b${option!.replace(/[/()|*]/g, '\\$&')}\\b`).test(comments)
}
