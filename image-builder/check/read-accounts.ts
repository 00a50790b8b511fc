import { lines } from '../plan/accounts.ts'
import { readText, type Tree } from '../tree.ts'

/** Users and groups of an image as far as they can be read; a file that is missing has no lines. */
export interface Accounts {
  readonly users: readonly User[]
  readonly groups: readonly { readonly name: string; readonly gid: number; readonly members: readonly string[] }[]
  /** Folders where people keep files, each once, root's among them. */
  readonly homes: readonly string[]
}

export interface User {
  readonly name: string
  readonly uid: number
  readonly gid: number
  readonly home: string
  readonly shell: string
  /** crypt(5) as in shadow(5), or in passwd(5) where it still stands there; undefined when neither has one. */
  readonly hash?: string | undefined
}

const AT_MOST = 1000

export async function readAccounts(tree: Tree): Promise<Accounts> {
  const [passwd, group, shadow] = await Promise.all(['passwd', 'group', 'shadow'].map(async (name) => lines((await readText(tree, `/etc/${name}`)) ?? '').slice(0, AT_MOST)))
  const hashes = new Map(shadow!.map(([name, hash]) => [name, hash]))
  const users = passwd!.filter((fields) => fields.length >= 7 && fields[0] !== '').map(([name, hash, uid, gid, , home, shell]): User => {
    return { name: name!, uid: Number(uid), gid: Number(gid), home: home!, shell: shell!, hash: hash === 'x' ? hashes.get(name!) : hash }
  })
  const groups = group!.filter((fields) => fields.length >= 3 && fields[0] !== '').map(([name, , gid, members]) => {
    return { name: name!, gid: Number(gid), members: (members ?? '').split(',').filter((member) => member !== '') }
  })
  return { users, groups, homes: await homesOf(tree, users) }
}

/** Those of passwd(5), and what lies in /home although nobody has it. Not `/`, where system users without a home are. */
async function homesOf(tree: Tree, users: readonly User[]): Promise<string[]> {
  const inHome = (await tree.list('/home')).slice(0, AT_MOST).map((name) => `/home/${name}`)
  const named = users.map(({ home }) => home.replace(/\/+$/, '')).filter((home) => home.startsWith('/'))
  return [...new Set(['/root', ...named, ...inHome])]
}
