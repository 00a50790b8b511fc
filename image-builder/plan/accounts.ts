import { ImageRefusal } from '../refusal.ts'

/** One of the image's account databases as it is. */
export interface AccountFile {
  readonly path: string
  readonly text: string
  readonly mode: number
  readonly uid: number
  readonly gid: number
}

export interface AccountFiles {
  readonly passwd: AccountFile
  readonly group: AccountFile
  readonly shadow: AccountFile
  readonly gshadow?: AccountFile
}

export interface NewUser {
  readonly name: string
  /** System users have ids below 1000. */
  readonly system: boolean
  readonly home: string
  readonly shell: string
  /** crypt(5); `*` lets nobody in by password and still by key (`!` would lock the account for sshd too). */
  readonly hash: string
  readonly comment: string
}

/**
 * Trove's `database_service_uid`: the agent makes user and group `database` with it and fails when it is taken. Ordinary users begin
 * behind it: cloud-init's own user gets the highest id plus one at the first boot, so a user with 1000 would give it 1001.
 */
const TROVE_DATABASE_ID = 1001

/** @returns undefined when there is no such user */
export function findUser(files: AccountFiles, name: string): { readonly uid: number; readonly gid: number } | undefined {
  const line = lines(files.passwd.text).find((fields) => fields[0] === name)
  return line && { uid: Number(line[2]), gid: Number(line[3]) }
}

export function hasGroup(files: AccountFiles, name: string): boolean {
  return lines(files.group.text).some((fields) => fields[0] === name)
}

/** A user with a group of the same name. A group of that name that exists already is taken for a system user. */
export function addUser(files: AccountFiles, user: NewUser): AccountFiles {
  const withGroup = hasGroup(files, user.name) ? files : addGroup(files, user.name, freeId(files, user.system))
  const gid = Number(lines(withGroup.group.text).find((fields) => fields[0] === user.name)![2])
  const uid = idsOf(files.passwd).has(gid) ? freeId(files, user.system) : gid
  return {
    ...withGroup,
    passwd: append(files.passwd, `${user.name}:x:${uid}:${gid}:${user.comment}:${user.home}:${user.shell}`),
    // No date of the last change, so that the same input gives the same image: shadow(5) then leaves the ageing of the password out, which
    // PAM and sshd take for "not expired" and chage shows as "never". 0 would have the password changed at the first login.
    shadow: append(files.shadow, `${user.name}:${user.hash}::0:99999:7:::`),
  }
}

export function addGroup(files: AccountFiles, name: string, gid = freeId(files, true)): AccountFiles {
  return {
    ...files,
    group: append(files.group, `${name}:x:${gid}:`),
    ...(files.gshadow ? { gshadow: append(files.gshadow, `${name}:!::`) } : {}),
  }
}

/** Puts a user into a group that exists. */
export function addMember(files: AccountFiles, group: string, user: string): AccountFiles {
  return {
    ...files,
    group: withMember(files.group, group, user),
    ...(files.gshadow ? { gshadow: withMember(files.gshadow, group, user) } : {}),
  }
}

function withMember(file: AccountFile, group: string, user: string): AccountFile {
  const text = file.text.split('\n').map((line) => {
    const fields = line.split(':')
    const members = (fields[3] ?? '').split(',').filter((name) => name !== '')
    if (fields[0] !== group || fields.length < 4 || members.includes(user)) return line
    return [...fields.slice(0, 3), [...members, user].join(',')].join(':')
  })
  return { ...file, text: text.join('\n') }
}

/** An id that neither a user nor a group has: one number for both, as useradd does it. */
function freeId(files: AccountFiles, system: boolean): number {
  const taken = new Set([...idsOf(files.passwd), ...idsOf(files.group)])
  const candidates = system ? Array.from({ length: 899 }, (_, index) => 999 - index) : Array.from({ length: 58_000 }, (_, index) => TROVE_DATABASE_ID + 1 + index)
  const free = candidates.find((id) => !taken.has(id))
  if (free === undefined) throw new ImageRefusal(`the image has no free ${system ? 'system ' : ''}user id left`)
  return free
}

function idsOf(file: AccountFile): Set<number> {
  return new Set(lines(file.text).map((fields) => Number(fields[2])))
}

/** Fields of each line that is not empty. */
export function lines(text: string): string[][] {
  return text.split('\n').filter((line) => line !== '').map((line) => line.split(':'))
}

function append(file: AccountFile, line: string): AccountFile {
  return { ...file, text: `${file.text}${file.text === '' || file.text.endsWith('\n') ? '' : '\n'}${line}\n` }
}

/** @param hash crypt(5) */
export function setPassword(files: AccountFiles, name: string, hash: string): AccountFiles {
  const text = files.shadow.text.split('\n').map((line) => (line.startsWith(`${name}:`) ? [name, hash, ...line.split(':').slice(2)].join(':') : line))
  return { ...files, shadow: { ...files.shadow, text: text.join('\n') } }
}
