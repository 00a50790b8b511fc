import type { Check, Finding } from '../finding.ts'
import { guessPasswords, type Account } from '../guess-passwords.ts'

/** Those of images and documents that people copy; the account's own name is tried too. The likeliest first. */
const COMMON = [
  'ubuntu', 'debian', 'root', 'password', 'trove', 'admin', '123456', 'centos', 'rocky', 'cloud', 'openstack', 'secret', 'changeme', 'test', 'guest',
  'stack', 'mysql', 'toor', '12345678', 'passw0rd', 'rootpass', 'nova', 'vagrant', 'password123',
]

export const passwords: Check = {
  id: '-',
  looksFor: 'passwords that everybody knows',
  async find({ accounts: { users } }) {
    const empty = users.filter(({ hash }) => hash === '').map(({ name }) => finding('empty-password', `${name} has an empty password`, name))
    const open = users.filter(({ hash }) => hash !== '' && !isLocked(hash)).map(({ name, hash }): Account => ({ name, hash: hash! }))
    if (open.length === 0) return empty
    const { guessed, complete } = await guessPasswords(open, COMMON)
    const left: Finding[] = complete
      ? []
      : [{ id: '-', code: 'passwords-not-all-tried', level: 'note', what: 'not every common password was tried on every account: their hashes are too slow, of an unknown kind, or perl is not installed here', mend: 'apt install perl-base; or lock the accounts that need no password: passwd -l NAME in the base image' }]
    return [...empty, ...guessed.map((name) => finding('default-password', `${name} has a password that everybody knows`, name)), ...left]
  },
}

/** Nobody gets in with it: no hash starts so. */
export function isLocked(hash: string | undefined): boolean {
  return hash === undefined || /^[!*]/.test(hash)
}

function finding(code: string, what: string, name: string): Finding {
  return { id: '-', code, level: 'error', what: `${what} (/etc/shadow)`, mend: `passwd -l ${name} in the base image`, path: '/etc/shadow' }
}
