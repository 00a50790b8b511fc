import { FOREIGN_AGENT_UNITS, GUEST } from '../../contract/paths.ts'
import type { Change } from '../change.ts'
import { readText, realPath, stat, type Tree } from '../tree.ts'

const FOLDERS = ['/etc/systemd/system', '/usr/local/lib/systemd/system', '/usr/lib/systemd/system', '/lib/systemd/system']
/** Of what else may start a service at a time, at a path or at a connection. */
const TRIGGER = /\.(timer|path|socket)$/
const AT_MOST = 2000

/** Units by which the image would run an agent of its own, and timers and the like that would start one; not those that are masked already. */
export async function foreignUnits(tree: Tree): Promise<string[]> {
  const found = new Set<string>()
  for (const folder of FOLDERS) {
    const real = await stat(tree, folder)
    if (real?.type !== 'folder') continue
    const names = (await tree.list(real.path)).slice(0, AT_MOST)
    for (const unit of FOREIGN_AGENT_UNITS) if (names.includes(unit)) found.add(unit)
    for (const name of names) if (TRIGGER.test(name) && (await starts(tree, `${real.path}/${name}`, name))) found.add(name)
    // A preset, an alias or a link of somebody's may name a unit that another folder (a generator's, say) holds.
    for (const pulling of names.filter((name) => /\.(wants|requires)$/.test(name))) {
      for (const unit of await tree.list(`${real.path}/${pulling}`)) if ((FOREIGN_AGENT_UNITS as readonly string[]).includes(unit)) found.add(unit)
    }
  }
  for (const unit of FOREIGN_AGENT_UNITS) if (await stat(tree, `/etc/init.d/${unit.replace(/\.service$/, '')}`)) found.add(unit)
  const masked = await Promise.all([...found].map(async (unit) => (await realPath(tree, `/etc/systemd/system/${unit}`, true)) === '/dev/null'))
  return [...found].filter((_, index) => !masked[index]).sort()
}

async function starts(tree: Tree, path: string, name: string): Promise<boolean> {
  const named = /^[ \t]*(?:Unit|Service)[ \t]*=\s*(\S+)/m.exec((await readText(tree, path, 65_536)) ?? '')?.[1]
  return (FOREIGN_AGENT_UNITS as readonly string[]).includes(named ?? name.replace(TRIGGER, '.service'))
}

/**
 * Puts a unit behind ours, whatever starts it: by name, by an alias, by a preset, by another unit or a timer. A drop-in reaches all of these, also
 * where a file stands in /etc/systemd/system, which a mask could not take the place of; and it holds only as long as our daemon is there.
 */
export function putBehind(unit: string): Change {
  const text = [
    '# Two agents with one guest_id take each other\'s messages: while Trovestrap is in this image, its unit starts the agent and this one does not.',
    '# To undo: remove this file, then `systemctl daemon-reload`.',
    '[Unit]',
    `ConditionPathExists=!${GUEST.node}`,
    '',
  ].join('\n')
  return { kind: 'file', path: dropIn(unit), mode: 0o644, uid: 0, gid: 0, content: { text }, note: `the image's own ${unit} no longer starts` }
}

/** For people. */
export function behindNote(unit: string): string {
  return `the image has ${unit}, an agent of its own: it does not start as long as ours is there. To undo: rm ${dropIn(unit)}`
}

const dropIn = (unit: string): string => `/etc/systemd/system/${unit}.d/trovestrap.conf`
