import { existsSync, lstatSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { initialise } from '../../host-server/pki/initialise.ts'
import { writeBeside } from '../../host-server/pki/write-beside.ts'
import { loadSettings } from '../../host-server/settings.ts'
import { newSettingsFile, ownNames } from '../../host-server/settings/new-file.ts'
import { stateFolder } from '../../host-server/state-folder.ts'
import { HostError } from '../host-error.ts'
import type { Run } from '../run-command.ts'
import { compare, type Comparison } from './compare.ts'
import { foundCloud } from './found-cloud.ts'
import { groupToJoin, hasUser, idsOf } from './host-accounts.ts'
import { programFiles } from './program-files.ts'
import { giveTree, missingFolders, put, takeAway } from './put.ts'
import { readRecord, writeRecord, type InstallRecord } from './record.ts'
import { PLACES, systemFiles, UNITS } from './system-files.ts'
import type { Wanted } from './wanted.ts'

export interface InstallWish {
  /** Of this checkout or copy. */
  readonly checkout: string
  readonly prefix: string
  readonly user: string
  /** For a new configuration file; absent: those of this host. */
  readonly names?: readonly string[]
  /** Of another system, mounted here; `/` for this one. */
  readonly root: string
}

/** One thing that has to be done, in words, and how. */
export interface InstallStep {
  readonly name: string
  readonly text: string
  run(): Promise<void>
}

export interface InstallPlan {
  readonly steps: readonly InstallStep[]
  /** Files of ours that somebody has changed since, or that are not ours any more and were changed: they stay. */
  readonly kept: readonly string[]
}

/** Paths whose group host-server's user joins where only that group may read them. */
const SHARED = ['/etc/trove/trove-guestagent.conf', '/etc/trove/trove.conf', '/etc/trove']

/**
 * What is still to be done, in the order in which it is done. Where one step fails, those before it stand, and the same plan made anew begins with it.
 * @throws HostError where something is in the way; nothing was changed then
 */
export async function planInstall(wish: InstallWish, run: Run): Promise<InstallPlan> {
  const { checkout, prefix, user, root } = wish
  const at = (path: string): string => join(root, path)
  const rooted = root === '/' ? [] : [`--root=${root}`]
  const record = readRecord(at(PLACES.record))
  refuseOther(record, wish)
  const program = at(prefix) === checkout ? [] : programFiles(checkout, prefix)
  const wanted = [...program, ...systemFiles(checkout, { prefix, user })]
  const compared = compare(wanted, record, at)
  refuseForeign(compared, prefix)

  const steps: InstallStep[] = []
  const add = (needed: boolean, name: string, text: string, work: () => unknown): void => {
    if (needed) steps.push({ name, text, run: async () => void (await work()) })
  }
  const inProgram = ({ path }: Wanted): boolean => path.startsWith(`${prefix}/`)
  const [ofProgram, ofSystem] = [compared.write.filter(inProgram), compared.write.filter((one) => !inProgram(one))]
  const fresh = recordOf(wish, compared, record, at)
  add(record === undefined || JSON.stringify(fresh) !== JSON.stringify(record), 'record', `${PLACES.record}: what is put where, for uninstall`, () => writeRecord(at(PLACES.record), fresh))
  add(ofProgram.length > 0, 'program', `${ofProgram.length} files to ${prefix}, a copy of ${checkout} with Node and its packages`, () => ofProgram.forEach((one) => put(one, at(one.path))))
  add(compared.remove.length > 0, 'older files', `${compared.remove.length} that are not needed any more go`, () => compared.remove.forEach((path) => takeAway(at(path))))
  add(ofSystem.length > 0, 'system files', `${ofSystem.map(({ path }) => basename(path)).join(', ')} under /usr/local`, () => ofSystem.forEach((one) => put(one, at(one.path))))
  add(!hasUser(user, at), 'user', `${user}, by systemd-sysusers`, () => run({ program: 'systemd-sysusers', args: [...rooted, 'trovestrap.conf'] }))
  add(!existsSync(at(dirname(PLACES.config))), 'folder', `${dirname(PLACES.config)}, by systemd-tmpfiles`, () => run({ program: 'systemd-tmpfiles', args: [...rooted, '--create', 'trovestrap.conf'] }))
  for (const group of new Set(SHARED.flatMap((path) => groupToJoin(path, user, at) ?? []))) {
    add(true, 'group', `${user} joins ${group}, which alone may read Trove's configuration`, () => run({ program: 'usermod', args: [...(root === '/' ? [] : ['--prefix', root]), '-aG', group, user] }))
  }
  const names = wish.names ?? ownNames()
  if (names.length === 0 && !existsSync(at(PLACES.config))) throw new HostError('this machine has no name and no address that guests could use.\n  --name NAME_OR_ADDRESS')
  const cloud = foundCloud(at)
  add(!existsSync(at(PLACES.config)), 'configuration', `${PLACES.config}: names ${names.join(', ')}${cloud === undefined ? '' : `; cloud ${cloud.name} attests new instances`}`, () =>
    // Read by the user that host-server runs as, through the folder's group.
    writeBeside(at(PLACES.config), newSettingsFile({ names, state: PLACES.state, ...(cloud === undefined ? {} : { cloud }) }), 0o640),
  )
  add(isIncomplete(wish), 'keys', `CA, certificate, operator token and database, for ${user} alone`, () => makeState(wish))
  const units = ofSystem.some(({ path }) => path.startsWith(PLACES.units))
  add(units && root === '/', 'units', 'systemctl daemon-reload', () => run({ program: 'systemctl', args: ['daemon-reload'] }))
  const disabled = UNITS.filter((unit) => lstatSync(at(`/etc/systemd/system/multi-user.target.wants/${unit}`), { throwIfNoEntry: false }) === undefined)
  add(disabled.length > 0, 'enable', disabled.join(', '), () => run({ program: 'systemctl', args: [...rooted, 'enable', ...disabled] }))
  // Only now is every older file of ours certainly gone.
  const settled = { ...fresh, files: Object.fromEntries(filesOf(compared, record)) }
  add(JSON.stringify(settled) !== JSON.stringify(fresh), 'record', `${PLACES.record}: without what is gone`, () => writeRecord(at(PLACES.record), settled))
  return { steps, kept: compared.kept }
}

/** The settings of the installed file; of another root, with the state folder as it is reached from here. */
function rootedSettings({ root }: InstallWish) {
  const settings = loadSettings(join(root, PLACES.config))
  return { ...settings, state: join(root, settings.state) }
}

function isIncomplete(wish: InstallWish): boolean {
  if (!existsSync(join(wish.root, PLACES.config))) return true
  const { root, ca, server, signingKey, operatorToken, database } = stateFolder(rootedSettings(wish).state)
  return [ca, server, signingKey, operatorToken, database].some((path) => !existsSync(path)) || statSync(root).uid !== ownerOf(wish)?.uid
}

async function makeState(wish: InstallWish): Promise<void> {
  const settings = rootedSettings(wish)
  await initialise(settings)
  const owner = ownerOf(wish)
  if (owner === undefined) throw new Error(`there is no user ${wish.user}, though systemd-sysusers was to make one`)
  giveTree(settings.state, owner)
}

function ownerOf({ root, user }: InstallWish) {
  return idsOf(user, (path) => join(root, path))
}

/** While the work is done: what was ours before stands beside what is to be written, so that neither is ever somebody else's. */
function recordOf({ prefix, user }: InstallWish, compared: Comparison, before: InstallRecord | undefined, at: (path: string) => string): InstallRecord {
  const files = new Map(filesOf(compared, before))
  const older = compared.write.length + compared.remove.length === 0 ? {} : (before?.files ?? {})
  for (const [path, digests] of Object.entries(older)) files.set(path, [...new Set([...(files.get(path) ?? []), ...digests])])
  return {
    version: 1,
    prefix,
    user,
    files: Object.fromEntries(files),
    folders: [...new Set([...(before?.folders ?? []), ...missingFolders([...compared.digests.keys(), PLACES.record], at)])],
    made_user: before?.user === user ? before.made_user : !hasUser(user, at),
  }
}

/** When the work is done: what is wanted, and, of what somebody has changed, what it was. */
function filesOf({ digests, kept }: Comparison, before: InstallRecord | undefined): [path: string, digests: string[]][] {
  const changed = kept.map((path): [string, string[]] => [path, before?.files[path] ?? []])
  return [...new Map([...[...digests].map(([path, digest]): [string, string[]] => [path, [digest]]), ...changed])]
}

function refuseOther(record: InstallRecord | undefined, { prefix, user }: InstallWish): void {
  // Once it is uninstalled, its record remembers users and folders, and no place any more.
  if (record === undefined || Object.keys(record.files).length === 0 || (record.prefix === prefix && record.user === user)) return
  throw new HostError(`it is installed at ${record.prefix} for user ${record.user}, and asked for at ${prefix} for user ${user}.\n  trovestrap uninstall      first; configuration and keys stay`)
}

function refuseForeign({ foreign }: Comparison, prefix: string): void {
  if (foreign.length === 0) return
  const more = foreign.length === 1 ? '' : ` and ${foreign.length - 1} more`
  throw new HostError(`${foreign[0]}${more} is there and was not put there by install.\n  move it away${foreign[0]!.startsWith(`${prefix}/`) ? ', or: --prefix FOLDER' : ''}`)
}
