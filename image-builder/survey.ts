import { FOREIGN_AGENT_UNITS } from '../contract/paths.ts'
import type { AccountFiles } from './accounts.ts'
import { requirePlatform } from './platform.ts'
import { ImageRefusal } from './refusal.ts'
import { readText, stat, type Tree } from './tree.ts'
import type { Architecture } from './wish.ts'

/** What the plan has to know about an image. Plain data, so that a plan can be made and tested without one. */
export interface Survey {
  /** For people: `Debian GNU/Linux 12 (bookworm)`. */
  readonly os: string
  readonly architecture: Architecture
  readonly accounts: AccountFiles
  /** Links by which systemd would start the image's own agent. */
  readonly foreignLinks: readonly { readonly path: string; readonly target: string }[]
  /** Programs and settings that are there. */
  readonly has: Readonly<Record<Trait, boolean>>
}

const TRAITS = {
  sudo: ['/usr/bin/sudo'],
  sshd: ['/usr/sbin/sshd'],
  python: ['/usr/bin/python3'],
  'cloud-init': ['/usr/bin/cloud-init'],
} as const
const LOOKED_AT = ['/etc/sudoers', '/etc/ssh/sshd_config', '/etc/selinux/config', '/etc/passwd', '/etc/group', '/etc/shadow', '/etc/gshadow']
const UNIT_FOLDERS = ['/etc/systemd/system', '/usr/lib/systemd/system', '/lib/systemd/system']
type Trait = keyof typeof TRAITS | 'sudoers.d' | 'sshd_config.d' | 'selinux'

/** @throws ImageRefusal when the image is none the guest daemon can run in */
export async function surveyImage(tree: Tree): Promise<Survey> {
  const { os, architecture } = await requirePlatform(tree)
  await tree.prime([...Object.values(TRAITS).flat(), ...LOOKED_AT, ...UNIT_FOLDERS])
  const has: Record<Trait, boolean> = {
    ...(Object.fromEntries(
      await Promise.all(Object.entries(TRAITS).map(async ([name, [path]]) => [name, (await stat(tree, path)) !== undefined] as const)),
    ) as Record<keyof typeof TRAITS, boolean>),
    'sudoers.d': /^[#@]includedir\s+\/etc\/sudoers\.d/m.test((await readText(tree, '/etc/sudoers')) ?? ''),
    'sshd_config.d': /^\s*Include\s+\/etc\/ssh\/sshd_config\.d\/\*\.conf/im.test((await readText(tree, '/etc/ssh/sshd_config')) ?? ''),
    selinux: /^SELINUX=(enforcing|permissive)/m.test((await readText(tree, '/etc/selinux/config')) ?? ''),
  }
  return { os, architecture, accounts: await accountsOf(tree), foreignLinks: await foreignLinks(tree), has }
}

async function accountsOf(tree: Tree): Promise<AccountFiles> {
  const [passwd, group, shadow, gshadow] = await Promise.all(['passwd', 'group', 'shadow', 'gshadow'].map((name) => accountFile(tree, `/etc/${name}`)))
  if (!passwd || !group || !shadow) throw new ImageRefusal('the image has no /etc/passwd, /etc/group or /etc/shadow; expected an installed Linux system')
  return { passwd, group, shadow, ...(gshadow ? { gshadow } : {}) }
}

async function accountFile(tree: Tree, path: string) {
  const node = await stat(tree, path)
  if (node?.type !== 'file') return undefined
  if (node.size > 2 ** 20) throw new ImageRefusal(`${path} in the image has ${node.size} bytes; more than 1 MiB is not taken`)
  return { path, text: (await tree.read(node.path, 2 ** 20)).toString('utf8'), mode: node.mode, uid: node.uid, gid: node.gid }
}

async function foreignLinks(tree: Tree) {
  const real = new Set((await Promise.all(UNIT_FOLDERS.map((folder) => stat(tree, folder)))).flatMap((node) => node?.path ?? []))
  const candidates: string[] = []
  for (const folder of real) {
    const pulling = (await tree.list(folder)).filter((name) => /\.(wants|requires)$/.test(name))
    candidates.push(...pulling.flatMap((name) => FOREIGN_AGENT_UNITS.map((unit) => `${folder}/${name}/${unit}`)))
  }
  await tree.prime(candidates)
  const nodes = await Promise.all(candidates.map(async (path) => ({ path, node: await tree.lstat(path) })))
  return nodes.flatMap(({ path, node }) => (node?.type === 'link' ? [{ path, target: node.target ?? '' }] : []))
}
