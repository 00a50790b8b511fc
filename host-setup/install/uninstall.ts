import { existsSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { HostError } from '../host-error.ts'
import { CommandError, type Run } from '../run-command.ts'
import { hasGroup, hasUser } from './host-accounts.ts'
import type { InstallStep } from './plan-install.ts'
import { removeEmpty, takeAway } from './put.ts'
import { readRecord, writeRecord, type InstallRecord } from './record.ts'
import { FIREWALL_UNIT, HOST_UNIT, PLACES, UNITS } from './system-files.ts'
import { digestAt } from './wanted.ts'

/** Written by `trovestrap firewall apply` and `expose`: what only they can take back. */
const FIREWALL_STATE = '/var/lib/trovestrap-firewall.json'

export interface UninstallPlan {
  readonly steps: readonly InstallStep[]
  /** Files that were changed since they were installed: they stay. */
  readonly kept: readonly string[]
  /** Folders that stay because nobody asked for their end. */
  readonly stays: readonly string[]
}

/**
 * What has to go, by the record that install wrote. Configuration, keys, state and user only with `purge`.
 * @param root `/`, or where another system is mounted
 * @throws HostError where it cannot begin; nothing was changed then
 */
export async function planUninstall({ root, purge }: { readonly root: string; readonly purge: boolean }, run: Run): Promise<UninstallPlan> {
  const at = (path: string): string => join(root, path)
  const record = readRecord(at(PLACES.record))
  if (record === undefined) return { steps: [], kept: [], stays: [] }
  if (existsSync(at(FIREWALL_STATE)) && Object.keys(record.files).length > 0) throw new HostError('this host is still open for guests, and only trovestrap can take that back.\n  trovestrap firewall remove      and unexpose what is exposed, then again: trovestrap uninstall')
  const rooted = root === '/' ? [] : [`--root=${root}`]
  const { mine, kept } = byOwner(record, at)
  const steps: InstallStep[] = []
  const add = (needed: boolean, name: string, text: string, work: () => unknown): void => {
    if (needed) steps.push({ name, text, run: async () => void (await work()) })
  }
  const enabled = UNITS.filter((unit) => record.files[join(PLACES.units, unit)] !== undefined)
  add(enabled.length > 0, 'units', `${enabled.join(', ')} ${root === '/' ? 'end and ' : ''}are not started any more`, async () => {
    // The firewall's unit does nothing when it ends, and has nothing to keep: see above.
    if (root === '/') await run({ program: 'systemctl', args: ['stop', HOST_UNIT, FIREWALL_UNIT] }).catch(unlessNotLoaded)
    await run({ program: 'systemctl', args: [...rooted, 'disable', ...enabled] })
  })
  add(mine.length > 0, 'files', `${mine.length} go, from ${record.prefix} and ${PLACES.units}`, () => {
    for (const path of mine) takeAway(at(path))
    removeEmpty(record.folders.filter((folder) => folder !== dirname(PLACES.record)), at)
  })
  add(mine.length > 0 && root === '/', 'systemd', 'systemctl daemon-reload', () => run({ program: 'systemctl', args: ['daemon-reload'] }))
  const own = [dirname(PLACES.config), PLACES.state].filter((path) => existsSync(at(path)))
  if (!purge) {
    const left: InstallRecord = { ...record, files: Object.fromEntries(kept.map((path) => [path, record.files[path]!])) }
    add(JSON.stringify(left) !== JSON.stringify(record), 'record', `${PLACES.record}: what is left`, () => writeRecord(at(PLACES.record), left))
    return { steps, kept, stays: own }
  }
  add(own.length > 0, 'configuration', `${own.join(', ')}: configuration, keys, tokens and what guests have reported`, () => own.forEach((path) => rmSync(at(path), { recursive: true, force: true })))
  const other = root === '/' ? [] : ['--prefix', root]
  add(record.made_user && hasUser(record.user, at), 'user', record.user, () => run({ program: 'userdel', args: [...other, record.user] }))
  // Where login.defs says that a user's group goes with it, it is gone by then.
  add(record.made_user && hasGroup(record.user, at), 'group', record.user, async () => (hasGroup(record.user, at) ? await run({ program: 'groupdel', args: [...other, record.user] }) : undefined))
  add(true, 'record', PLACES.record, () => {
    writeRecord(at(PLACES.record), undefined)
    removeEmpty(record.folders, at)
  })
  return { steps, kept, stays: [] }
}

function byOwner(record: InstallRecord, at: (path: string) => string): { mine: string[]; kept: string[] } {
  const [mine, kept]: [string[], string[]] = [[], []]
  for (const [path, digests] of Object.entries(record.files)) {
    const there = digestAt(at(path))
    // What is gone already is taken away again, with what an attempt may have left beside it.
    if (there === undefined || digests.includes(there)) mine.push(path)
    else kept.push(path)
  }
  return { mine, kept }
}

/** Exit code 5 of systemctl: there is no such unit. */
function unlessNotLoaded(error: unknown): void {
  if (!(error instanceof CommandError && error.code === 5)) throw error
}
