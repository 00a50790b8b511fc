import { readFileSync, statSync } from 'node:fs'

/** Lines of /etc/passwd or /etc/group, split at their colons. */
function entries(path: string): string[][] {
  try {
    return readFileSync(path, 'utf8').split('\n').filter((line) => line !== '').map((line) => line.split(':'))
  } catch {
    return []
  }
}

/** @param at a path of the host's as it is reached from here */
export function hasUser(user: string, at: (path: string) => string): boolean {
  return entries(at('/etc/passwd')).some(([name]) => name === user)
}

export function idsOf(user: string, at: (path: string) => string): { uid: number; gid: number } | undefined {
  const [, , uid, gid] = entries(at('/etc/passwd')).find(([name]) => name === user) ?? []
  return uid === undefined || gid === undefined ? undefined : { uid: Number(uid), gid: Number(gid) }
}

export function hasGroup(group: string, at: (path: string) => string): boolean {
  return entries(at('/etc/group')).some(([name]) => name === group)
}

/** The group that a user has to be in to read a file, where that would help: packages of Trove keep /etc/trove to group trove. */
export function groupToJoin(path: string, user: string, at: (path: string) => string): string | undefined {
  const stat = statSync(at(path), { throwIfNoEntry: false })
  if (stat === undefined || stat.gid === 0 || (stat.mode & 0o044) !== 0o040) return undefined
  const group = entries(at('/etc/group')).find(([, , gid]) => Number(gid) === stat.gid)
  const [, , , primary] = entries(at('/etc/passwd')).find(([name]) => name === user) ?? []
  if (group === undefined || Number(primary) === stat.gid || (group[3] ?? '').split(',').includes(user)) return undefined
  return group[0]
}
