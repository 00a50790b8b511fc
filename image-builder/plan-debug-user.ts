import { addUser, findUser, hasGroup, type AccountFiles } from './accounts.ts'
import type { Change } from './change.ts'
import { ImageRefusal } from './refusal.ts'
import type { Survey } from './survey.ts'
import type { DebugUser } from './wish.ts'

interface DebugUserPlan {
  readonly accounts: AccountFiles
  readonly changes: readonly Change[]
  readonly warnings: readonly string[]
}

/** @throws ImageRefusal when the name is taken or there is no way to log in */
export function planDebugUser(user: DebugUser | undefined, files: AccountFiles, survey: Survey, day: number): DebugUserPlan {
  if (!user) return { accounts: files, changes: [], warnings: [] }
  const { name, sshKeys, passwordHash } = user
  if (findUser(files, name) || hasGroup(files, name)) throw new ImageRefusal(`the image has a user or group ${name} already; choose another name for the debug user`)
  if (sshKeys.length === 0 && passwordHash === undefined) throw new ImageRefusal(`the debug user ${name} could not log in: give a public key, a password or both`)
  if (!survey.has.sudo) throw new ImageRefusal(`the image has no sudo, so the debug user ${name} could not become root; install sudo in it`)
  const home = `/home/${name}`
  const accounts = addUser(files, { name, system: false, home, shell: '/bin/bash', hash: passwordHash ?? '*', comment: 'Trovestrap debug user' }, day)
  const own = findUser(accounts, name)!
  const root = { uid: 0, gid: 0 }
  const console = survey.architecture === 'x64' ? 'ttyS0' : 'ttyAMA0'
  const changes: Change[] = [
    { kind: 'folder', path: '/home', mode: 0o755, ...root, keep: true },
    { kind: 'folder', path: home, mode: 0o700, ...own },
    ...(sshKeys.length > 0
      ? ([
          { kind: 'folder', path: `${home}/.ssh`, mode: 0o700, ...own },
          { kind: 'file', path: `${home}/.ssh/authorized_keys`, mode: 0o600, ...own, content: { text: sshKeys.map((key) => `${key}\n`).join('') } },
        ] satisfies Change[])
      : []),
    { kind: 'file', path: '/etc/sudoers.d/trovestrap-debug', mode: 0o440, ...root, content: { text: `# The debug user that was asked for when this image was built.\n${name} ALL=(ALL:ALL) NOPASSWD: ALL\n` } },
    { kind: 'folder', path: '/etc/systemd/system/getty.target.wants', mode: 0o755, ...root, keep: true },
    { kind: 'link', path: `/etc/systemd/system/getty.target.wants/serial-getty@${console}.service`, target: '/usr/lib/systemd/system/serial-getty@.service', note: 'login on the serial console' },
    ...(passwordHash !== undefined && survey.has['sshd_config.d'] ? [passwordsFor(name)] : []),
  ]
  return { accounts, changes, warnings: survey.has.sshd ? [] : [`the image has no sshd: ${name} can log in on the serial console only`] }
}

/** Cloud images forbid passwords over SSH; the first file that says something about a user wins. */
function passwordsFor(name: string): Change {
  const text = `# The debug user that was asked for when this image was built.\nMatch User ${name}\n    PasswordAuthentication yes\n`
  return { kind: 'file', path: '/etc/ssh/sshd_config.d/05-trovestrap-debug.conf', mode: 0o600, uid: 0, gid: 0, content: { text } }
}
