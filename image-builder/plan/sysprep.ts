import { GUEST } from '../../contract/paths.ts'
import type { Change } from '../change.ts'
import { ImageRefusal } from '../refusal.ts'
import { realPath, stat, walk, type Tree, type TreeNode } from '../tree.ts'
import { lines } from './accounts.ts'
import { realPlace } from './real-place.ts'
import { accountsOf } from './survey.ts'

const AT_MOST = 20_000

/** Single files and links, `*` for any part of a name. */
const FILES: readonly (readonly [note: string, ...paths: string[]])[] = [
  ["a machine's SSH host keys; sshd or cloud-init makes new ones", '/etc/ssh/ssh_host_*'],
  ['of an earlier instance', ...GUEST.guestInfo, `${GUEST.confDir}/trove-guestagent.conf`, GUEST.servedConfig],
  ['Trove: an earlier prepare', '/opt/trove-guestagent/.guestagent.prepare.*'],
  ['an address lease of one machine', '/var/lib/dhcp/*.leases', '/var/lib/dhcp/*.lease', '/var/lib/dhclient/*.lease*', '/var/lib/dhcpcd/*.lease*', '/var/lib/NetworkManager/*.lease'],
  ['the seed of one machine', '/var/lib/systemd/random-seed', '/var/lib/systemd/credential.secret', '/var/lib/urandom/random-seed', '/var/lib/random-seed', '/var/lib/NetworkManager/secret_key'],
  ['network cards of one machine', '/etc/udev/rules.d/70-persistent-net.rules', '/etc/udev/rules.d/75-persistent-net-generator.rules'],
  ['cloud-init: the instance of one machine', '/var/lib/cloud/instance'],
]

/** Folders that stay and lose all that is in them. */
const EMPTIED: readonly (readonly [note: string, ...paths: string[]])[] = [
  ['cloud-init: the instance of one machine', '/var/lib/cloud/instances', '/var/lib/cloud/data', '/var/lib/cloud/sem'],
  ["the daemon's memory of one instance", GUEST.state],
  ['the journal of one machine', '/var/log/journal'],
  ['of a system that ran', '/run', '/tmp', '/var/tmp'],
]

const IN_HOMES: readonly (readonly [note: string, ...paths: string[]])[] = [
  ['a history', '.bash_history', '.sh_history', '.zsh_history', '.python_history', '.mysql_history', '.mariadb_history', '.psql_history', '.lesshst', '.viminfo'],
  ['Trove: an earlier instance', 'trove-installed', '.guestagent.prepare.*'],
]

/**
 * Takes out what belongs to one machine and not to an image. Package lists stay, and so does cloud-init's seed, from which an image may be meant to live.
 *
 * @returns with real paths
 * @throws ImageRefusal when there is more of it than an image has to clear
 */
export async function planSysprep(tree: Tree): Promise<Change[]> {
  const gone = new Map<string, Change>()
  const remove = (path: string, note: string): void => {
    gone.set(path, { kind: 'remove', path, note })
    if (gone.size > AT_MOST) throw new ImageRefusal(`more than ${AT_MOST} files would have to be cleared, the last of them ${path}; clear the image's logs and temporary files in it first`)
  }
  for (const [note, ...patterns] of FILES) for (const pattern of patterns) for (const path of await matches(tree, pattern)) remove(path, note)
  for (const [note, ...folders] of EMPTIED) for (const folder of folders) for (const { path } of await contents(tree, folder)) remove(path, note)
  for (const { path, node } of await contents(tree, '/var/log')) if (node.type === 'file') remove(path, 'a log of one machine')
  for (const home of await homes(tree)) for (const [note, ...names] of IN_HOMES) for (const name of names) for (const path of await matches(tree, `${home}/${name}`)) remove(path, note)
  const dbus = await realPlace(tree, '/var/lib/dbus/machine-id')
  if (dbus !== undefined && (await tree.lstat(dbus))?.type === 'file') remove(dbus, "the id of one machine; it is systemd's where there is none")
  return [...gone.values(), ...(await machineId(tree))].sort((one, other) => (one.path < other.path ? 1 : -1))
}

/** Empty, not missing: systemd then makes an id, and does not take the boot for the very first, at which it would set all units to their presets. */
async function machineId(tree: Tree): Promise<Change[]> {
  const node = await stat(tree, '/etc/machine-id')
  if (node?.type !== 'file' || (node.size === 0 && node.mode === 0o444)) return []
  return [{ kind: 'edit', path: node.path, mode: 0o444, uid: 0, gid: 0, content: { text: '' }, note: 'emptied; systemd makes a new id at the first boot' }]
}

/** Files and links, never folders, that a path with `*` in its last part names. */
async function matches(tree: Tree, pattern: string): Promise<string[]> {
  const place = await realPlace(tree, pattern)
  if (place === undefined) return []
  const cut = place.lastIndexOf('/')
  const [start, end] = place.slice(cut + 1).split('*') as [string, string?]
  const names = end === undefined ? [start] : (await tree.list(place.slice(0, cut) || '/')).filter((name) => name.length >= start.length + end.length && name.startsWith(start) && name.endsWith(end))
  const paths = names.map((name) => `${place.slice(0, cut)}/${name}`)
  const nodes = await Promise.all(paths.map((path) => tree.lstat(path)))
  return paths.filter((_, index) => nodes[index] !== undefined && nodes[index]!.type !== 'folder')
}

async function contents(tree: Tree, folder: string): Promise<{ path: string; node: TreeNode }[]> {
  const real = await realPath(tree, folder)
  // Wherever a link leads, what a system is made of is no temporary folder.
  if (real === undefined || !/^\/(run|tmp|var|data|mnt|srv|home|opt)\/|^\/(run|tmp)$/.test(real) || (await tree.lstat(real))?.type !== 'folder') return []
  const found: { path: string; node: TreeNode }[] = []
  for await (const below of walk(tree, real)) {
    found.push(below)
    if (found.length > AT_MOST) throw new ImageRefusal(`${folder} holds more than ${AT_MOST} files; clear it in the image first`)
  }
  return found
}

/** root's, those of people, and whatever lies in /home. */
async function homes(tree: Tree): Promise<string[]> {
  const { passwd } = await accountsOf(tree)
  const people = lines(passwd.text).filter(([, , uid]) => Number(uid) === 0 || Number(uid) >= 1000).map((fields) => fields[5] ?? '')
  const found = [...people, ...(await tree.list((await realPath(tree, '/home')) ?? '/home')).map((name) => `/home/${name}`), '/root', '/var/lib/trove']
  return [...new Set(found.filter((path) => path.startsWith('/') && path !== '/'))]
}
