import type { Change } from '../change.ts'
import { ImageRefusal } from '../refusal.ts'
import type { DebugUser } from '../wish.ts'
import { addUser, findUser, hasGroup, type AccountFiles } from './accounts.ts'
import type { Survey } from './survey.ts'

interface DebugUserPlan {
  readonly accounts: AccountFiles
  readonly changes: readonly Change[]
  readonly warnings: readonly string[]
}

/** Lets nobody in by password and still by key. */
export const NO_PASSWORD = '*'
const root = { uid: 0, gid: 0 }

/** @throws ImageRefusal when the name is taken or there is no way to log in */
export function planDebugUser(user: DebugUser | undefined, files: AccountFiles, survey: Survey): DebugUserPlan {
  if (!user) return { accounts: files, changes: [], warnings: [] }
  const { name, passwordHash } = user
  if (findUser(files, name) || hasGroup(files, name)) throw new ImageRefusal(`the image has a user or group ${name} already; choose another name for the debug user`)
  const accounts = addUser(files, { name, system: false, home: `/home/${name}`, shell: survey.programs.shell, hash: passwordHash ?? NO_PASSWORD, comment: 'Trovestrap debug user' })
  return { accounts, ...debugUserFiles(user, findUser(accounts, name)!, survey) }
}

/**
 * What a debug user who has an account needs to log in and become root.
 * @throws ImageRefusal when there is no way
 */
export function debugUserFiles({ name, sshKeys, passwordHash }: DebugUser, own: { uid: number; gid: number }, survey: Survey): Omit<DebugUserPlan, 'accounts'> {
  if (sshKeys.length === 0 && passwordHash === undefined) throw new ImageRefusal(`the debug user ${name} could not log in: give a public key, a password or both`)
  if (!survey.has.sudo) throw new ImageRefusal(`the image has no sudo, so the debug user ${name} could not become root; install sudo in it`)
  const home = `/home/${name}`
  const getty = survey.programs.serialGetty
  const changes: Change[] = [
    { kind: 'folder', path: '/home', mode: 0o755, ...root, keep: true },
    { kind: 'folder', path: home, mode: 0o700, ...own },
    ...(sshKeys.length > 0
      ? ([
          { kind: 'folder', path: `${home}/.ssh`, mode: 0o700, ...own },
          { kind: 'file', path: `${home}/.ssh/authorized_keys`, mode: 0o600, ...own, content: { text: sshKeys.map((key) => `${key}\n`).join('') } },
        ] satisfies Change[])
      : []),
    { kind: 'folder', path: '/etc/sudoers.d', mode: 0o750, ...root, keep: true },
    { kind: 'file', path: '/etc/sudoers.d/trovestrap-debug', mode: 0o440, ...root, content: { text: `# The debug user that was asked for when this image was built.\n${name} ALL=(ALL:ALL) NOPASSWD: ALL\n` } },
    ...(getty === undefined ? [] : [serialLogin(survey, getty)]),
    ...(passwordHash !== undefined && survey.has['sshd_config.d'] ? [passwordsFor(name)] : []),
  ]
  return {
    changes,
    warnings: [
      ...(survey.has.sshd ? [] : [`the image has no sshd: ${name} can log in on the serial console only`]),
      ...(getty === undefined ? [`the image has no serial-getty@.service: ${name} can log in over SSH only`] : []),
    ],
  }
}

function serialLogin({ architecture }: Survey, target: string): Change {
  const console = architecture === 'x64' ? 'ttyS0' : 'ttyAMA0'
  return { kind: 'link', path: `/etc/systemd/system/getty.target.wants/serial-getty@${console}.service`, target, note: 'login on the serial console' }
}

/** Cloud images forbid passwords over SSH; the first file that says something about a user wins. */
function passwordsFor(name: string): Change {
  const text = `# The debug user that was asked for when this image was built.\nMatch User ${name}\n    PasswordAuthentication yes\n`
  return { kind: 'file', path: '/etc/ssh/sshd_config.d/05-trovestrap-debug.conf', mode: 0o600, ...root, content: { text } }
}
