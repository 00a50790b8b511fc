import { randomInt } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { execFile } from 'node:child_process'
import { BuildFailure } from '../refusal.ts'

/** User and groups without any rights of their own; by number, nobody has to make them. */
export interface Somebody {
  readonly uid: number
  readonly gid: number
  readonly groups: readonly number[]
}

/** systemd's list of numbers (https://systemd.io/UIDS-GIDS) leaves these unused. Another one for each work, so that none gets at another's files. */
const FIRST = 60_706
const LAST = 61_183

/** Somebody new, who may use KVM where this machine lets a group do so: the libguestfs appliance takes minutes without it. */
export async function somebody(): Promise<Somebody> {
  const number = randomInt(FIRST, LAST + 1)
  const kvm = await stat('/dev/kvm').catch(() => undefined)
  return { uid: number, gid: number, groups: kvm && kvm.gid !== 0 && (kvm.mode & 0o060) === 0o060 ? [kvm.gid] : [] }
}

/** For good: real, effective and saved ids, all groups, and with them every capability. @throws BuildFailure when any of it is left */
export function becomeForGood({ uid, gid, groups }: Somebody): void {
  try {
    process.setgroups!([...groups])
    process.setgid!(gid)
    process.setuid!(uid)
  } catch (cause) {
    throw new BuildFailure(`root's rights cannot be given up here (${(cause as Error).message}). Type the command as an ordinary user`, { cause })
  }
  if (process.geteuid!() !== uid || process.getegid!() !== gid || canBeRoot()) throw new BuildFailure("root's rights could not be given up. Type the command as an ordinary user")
}

function canBeRoot(): boolean {
  try {
    process.setuid!(0)
    return true
  } catch {
    return false
  }
}

/** Runs a program as somebody, for what only the kernel can answer, such as whether a file may be read. @returns whether it ended well */
export function endsWellAs({ uid, gid, groups }: Somebody, program: string, args: readonly string[], cwd = '/'): Promise<boolean> {
  const group = groups.length > 0 ? ['--groups', groups.join()] : ['--clear-groups']
  return new Promise((resolve) => {
    execFile('setpriv', ['--reuid', `${uid}`, '--regid', `${gid}`, ...group, '--no-new-privs', program, ...args], { cwd, env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' } }, (error) => resolve(error === null))
  })
}
