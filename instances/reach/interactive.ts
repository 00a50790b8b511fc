import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'
import { placeText, type SshTarget } from '../../diagnosis/collect/ssh/access.ts'

/** As which OpenSSH looks for the guest's key: its addresses are given to others after it. */
const ALIAS = 'trovestrap-guest'

export interface Shell {
  readonly way: SshTarget
  /** By which the guest has to show itself, as in `.pub` files. */
  readonly hostKeys: readonly string[]
  /** A file with the private key; absent: as OpenSSH finds one. */
  readonly keyFile?: string
}

/** OpenSSH's own client on this terminal, with the guest's key and no other known. @returns its exit status; 255 where it was none */
export async function interactiveShell(shell: Shell): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'trovestrap-ssh-'))
  const file = join(folder, 'known_hosts')
  try {
    writeFileSync(file, shell.hostKeys.map((key) => `${ALIAS} ${key}\n`).join(''), { mode: 0o600 })
    const [program, ...args] = shellCommand(shell, file)
    const child = spawn(program!, args, { stdio: 'inherit' })
    // What is typed to end the other side is the other side's.
    const ignored = (): void => {}
    process.on('SIGINT', ignored)
    const [code, signal] = (await once(child, 'exit').finally(() => process.off('SIGINT', ignored))) as [number | null, NodeJS.Signals | null]
    return code ?? (signal === null ? 255 : 128 + constants.signals[signal])
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Program and words; the first hop is made from inside the namespace, where one is named. */
export function shellCommand({ way, keyFile }: Shell, knownHosts: string): string[] {
  const { jump, netns, user, host, port } = way
  return [
    ...(netns === undefined ? [] : ['ip', 'netns', 'exec', netns]),
    'ssh',
    ...option('UserKnownHostsFile', `"${knownHosts}"`),
    ...option('GlobalKnownHostsFile', '/dev/null'),
    ...option('HostKeyAlias', ALIAS),
    ...option('StrictHostKeyChecking', 'yes'),
    ...option('UpdateHostKeys', 'no'),
    ...option('LogLevel', 'ERROR'),
    ...(keyFile === undefined ? [] : ['-i', keyFile, ...option('IdentitiesOnly', 'yes')]),
    // What the user's own configuration says for all hosts would lead elsewhere.
    ...(jump === undefined ? option('ProxyCommand', 'none') : ['-J', `${jump.user}@${placeText(jump)}`]),
    '-l',
    user,
    '-p',
    String(port),
    '--',
    host,
  ]
}

function option(name: string, value: string): string[] {
  return ['-o', `${name}=${value}`]
}
