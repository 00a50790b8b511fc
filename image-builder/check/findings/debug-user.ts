import { GUEST } from '../../../contract/paths.ts'
import { readText } from '../../tree.ts'
import { REBUILD, type Check, type Finding } from '../finding.ts'
import { isLocked } from './passwords.ts'

export const debugUser: Check = {
  id: '-',
  looksFor: 'a debug user who cannot log in',
  async find({ tree, accounts }) {
    const name = named(await readText(tree, GUEST.buildRecord, 2 ** 26))
    if (name === undefined) return []
    const user = accounts.users.find((each) => each.name === name)
    if (!user) return [finding(`the debug user ${name} of the build is not in /etc/passwd`)]
    const keys = (await readText(tree, `${user.home}/.ssh/authorized_keys`, 65_536)) ?? ''
    const hasKey = keys.split('\n').some((line) => line.trim() !== '' && !line.trim().startsWith('#'))
    return hasKey || !isLocked(user.hash) ? [] : [finding(`the debug user ${name} has neither a key (${user.home}/.ssh/authorized_keys) nor a password: nobody can log in`)]
  },
}

function named(text: string | undefined): string | undefined {
  try {
    const record: unknown = JSON.parse(text ?? '')
    const name: unknown = record !== null && typeof record === 'object' && 'debug_user' in record ? record.debug_user : undefined
    return typeof name === 'string' ? name : undefined
  } catch {
    return undefined
  }
}

function finding(what: string): Finding {
  return { id: '-', code: 'debug-user-locked-out', level: 'warning', what, mend: `${REBUILD} --debug-user NAME --debug-key FILE` }
}
