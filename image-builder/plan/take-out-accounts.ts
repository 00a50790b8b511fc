import { lines, type AccountFile, type AccountFiles } from './accounts.ts'
import type { AddedAccount } from './build-record.ts'

/**
 * The account files without what was added; every other line stays as it is, byte by byte.
 * @returns with a warning for a group that somebody else uses by now, and which stays
 */
export function takeOutAccounts(files: AccountFiles, added: readonly AddedAccount[]): { readonly files: AccountFiles; readonly warnings: readonly string[] } {
  const named = (kind: AddedAccount['kind']): AddedAccount[] => added.filter((account) => account.kind === kind)
  let left = files
  for (const { name, group } of named('member')) left = onGroups(left, (file) => withoutMember(file, name, group))
  for (const { name } of named('user')) {
    const gone = { ...left, passwd: withoutLine(left.passwd, name), shadow: withoutLine(left.shadow, name) }
    // Into other groups it can only have come since; a name without a user would be the next user's of that name.
    left = onGroups(gone, (file) => withoutMember(file, name))
  }
  const warnings: string[] = []
  for (const { name } of named('group')) {
    const use = useOf(left, name)
    if (use !== undefined) warnings.push(`the group ${name} stays in the image although a build made it; ${use}`)
    else left = onGroups(left, (file) => withoutLine(file, name))
  }
  return { files: left, warnings }
}

function useOf(files: AccountFiles, group: string): string | undefined {
  const [, , gid, members = ''] = lines(files.group.text).find(([name]) => name === group) ?? []
  if (members !== '') return `in it: ${members}`
  const user = lines(files.passwd.text).find((fields) => fields[3] === gid && gid !== undefined)
  return user && `it is the group of ${user[0]}`
}

function onGroups(files: AccountFiles, edit: (file: AccountFile) => AccountFile): AccountFiles {
  return { ...files, group: edit(files.group), ...(files.gshadow ? { gshadow: edit(files.gshadow) } : {}) }
}

function withoutLine(file: AccountFile, name: string): AccountFile {
  return { ...file, text: file.text.split('\n').filter((line) => !line.startsWith(`${name}:`)).join('\n') }
}

/** @param group this one alone; all of them when left out */
function withoutMember(file: AccountFile, user: string, group?: string): AccountFile {
  const text = file.text.split('\n').map((line) => {
    const fields = line.split(':')
    const members = (fields[3] ?? '').split(',')
    if (fields.length < 4 || (group !== undefined && fields[0] !== group) || !members.includes(user)) return line
    return [...fields.slice(0, 3), members.filter((name) => name !== user).join(',')].join(':')
  })
  return { ...file, text: text.join('\n') }
}
