import type { Change } from '../change.ts'
import type { AccountFiles } from './accounts.ts'
import type { AddedAccount, Part } from './build-record.ts'
import { lines } from './accounts.ts'

const NAMES = ['passwd', 'group', 'shadow', 'gshadow'] as const

/** Edits that turn one set of account files into another; lines that are the same in both stay as they are. */
export function accountEdits(before: AccountFiles, after: AccountFiles): Change[] {
  return NAMES.flatMap((name) => {
    const [old, edited] = [before[name], after[name]]
    if (!old || !edited || old.text === edited.text) return []
    const touched = [...new Set([...changedNames(old.text, edited.text), ...changedNames(edited.text, old.text)])]
    const { path, mode, uid, gid } = edited
    return [{ kind: 'edit', path, mode, uid, gid, content: { text: edited.text, secret: true }, note: `lines of ${touched.join(', ')}` } satisfies Change]
  })
}

function changedNames(from: string, to: string): string[] {
  const known = new Set(from.split('\n'))
  return to.split('\n').filter((line) => line !== '' && !known.has(line)).map((line) => line.split(':')[0]!)
}

/** What one set of account files has over another: users, groups, and members of groups that both have. */
export function addedAccounts(part: Part, before: AccountFiles, after: AccountFiles): AddedAccount[] {
  const users = namesIn(after.passwd.text).filter((name) => !namesIn(before.passwd.text).includes(name))
  const groups = namesIn(after.group.text).filter((name) => !namesIn(before.group.text).includes(name))
  const members = lines(after.group.text).flatMap((fields) => {
    const old = membersOf(lines(before.group.text).find(([name]) => name === fields[0]))
    return membersOf(fields).filter((name) => !old.includes(name)).map((name): AddedAccount => ({ part, kind: 'member', name, group: fields[0]! }))
  })
  return [...users.map((name): AddedAccount => ({ part, kind: 'user', name })), ...groups.map((name): AddedAccount => ({ part, kind: 'group', name })), ...members]
}

const namesIn = (text: string): string[] => lines(text).map(([name]) => name!)
const membersOf = (fields: readonly string[] | undefined): string[] => (fields?.[3] ?? '').split(',').filter((name) => name !== '')
