import type { Secret } from '../contract/secret.ts'
import { isPassword, passwordsIn } from '../instances/launch/password-file.ts'
import { askPassword } from './ask-password.ts'
import { CliError } from './exit.ts'
import type { LaunchOptions } from './launch-options.ts'

const NO_TERMINAL = 'the users need passwords, and there is no terminal to ask for them.\n  --password-file FILE      NAME:PASSWORD a line, mode 0600; who is not in it is given a password'

/** Of each user: from the file, or typed. @throws CliError, Refusal */
export async function passwordsOf(users: readonly string[], { passwordFile }: LaunchOptions, say: (line: string) => void): Promise<ReadonlyMap<string, Secret>> {
  if (users.length === 0) return new Map()
  if (passwordFile !== undefined) {
    const passwords = passwordsIn(passwordFile, users)
    say(`passwords of ${users.join(', ')}: in ${passwordFile}`)
    return passwords
  }
  const typed = new Map<string, Secret>()
  for (const user of users) {
    const password = await askPassword(user, NO_TERMINAL, 'nothing was asked for')
    if (!isPassword(password)) throw new CliError('Trove takes no password without a letter or a digit, or a very long one; nothing was asked for')
    typed.set(user, password)
  }
  return typed
}
