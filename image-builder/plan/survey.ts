import { ImageRefusal } from '../refusal.ts'
import { readText, stat, type Tree } from '../tree.ts'
import type { Architecture } from '../wish.ts'
import type { AccountFiles } from './accounts.ts'
import { foreignUnits } from './foreign-units.ts'
import { requirePlatform } from './platform.ts'

/** What the plan has to know about an image. Plain data, so that a plan can be made and tested without one. */
export interface Survey {
  /** For people: `Debian GNU/Linux 12 (bookworm)`. */
  readonly os: string
  readonly architecture: Architecture
  readonly accounts: AccountFiles
  /** Units by which the image would run an agent of its own. */
  readonly foreignUnits: readonly string[]
  /** Programs and settings that are there. */
  readonly has: Readonly<Record<Trait, boolean>>
  /** Where this image has them. */
  readonly programs: {
    /** Shell of who may not log in. */
    readonly nologin: string
    readonly shell: string
    /** The unit of a login on a serial line. */
    readonly serialGetty?: string
  }
}

const TRAITS = {
  sudo: ['/usr/bin/sudo'],
  sshd: ['/usr/sbin/sshd'],
  python: ['/usr/bin/python3'],
  'cloud-init': ['/usr/bin/cloud-init'],
} as const
type Trait = keyof typeof TRAITS | 'sudoers.d' | 'sshd_config.d' | 'selinux'

/** @throws ImageRefusal when the image is none the guest daemon can run in */
export async function surveyImage(tree: Tree): Promise<Survey> {
  const { os, architecture } = await requirePlatform(tree)
  const has: Record<Trait, boolean> = {
    ...(Object.fromEntries(
      await Promise.all(Object.entries(TRAITS).map(async ([name, [path]]) => [name, (await stat(tree, path)) !== undefined] as const)),
    ) as Record<keyof typeof TRAITS, boolean>),
    'sudoers.d': /^[#@]includedir\s+\/etc\/sudoers\.d/m.test((await readText(tree, '/etc/sudoers')) ?? ''),
    'sshd_config.d': /^\s*Include\s+\/etc\/ssh\/sshd_config\.d\/\*\.conf/im.test((await readText(tree, '/etc/ssh/sshd_config')) ?? ''),
    selinux: await usesSelinux(tree),
  }
  const serialGetty = await firstThere(tree, ['/usr/lib/systemd/system/serial-getty@.service', '/lib/systemd/system/serial-getty@.service'])
  const programs = {
    nologin: (await firstThere(tree, ['/usr/sbin/nologin', '/sbin/nologin'])) ?? '/bin/false',
    shell: (await firstThere(tree, ['/bin/bash', '/usr/bin/bash'])) ?? '/bin/sh',
    ...(serialGetty === undefined ? {} : { serialGetty }),
  }
  return { os, architecture, accounts: await accountsOf(tree), foreignUnits: await foreignUnits(tree), has, programs }
}

export async function usesSelinux(tree: Tree): Promise<boolean> {
  return /^SELINUX=(enforcing|permissive)/m.test((await readText(tree, '/etc/selinux/config')) ?? '')
}

/** @throws ImageRefusal when the image has none */
export async function accountsOf(tree: Tree): Promise<AccountFiles> {
  const [passwd, group, shadow, gshadow] = await Promise.all(['passwd', 'group', 'shadow', 'gshadow'].map((name) => accountFile(tree, `/etc/${name}`)))
  if (!passwd || !group || !shadow) throw new ImageRefusal('the image has no /etc/passwd, /etc/group or /etc/shadow; expected an installed Linux system')
  return { passwd, group, shadow, ...(gshadow ? { gshadow } : {}) }
}

async function accountFile(tree: Tree, path: string) {
  const node = await stat(tree, path)
  if (node?.type !== 'file') return undefined
  if (node.size > 2 ** 20) throw new ImageRefusal(`${path} in the image has ${node.size} bytes; more than 1 MiB is not taken`)
  return { path: node.path, text: (await tree.read(node.path, 2 ** 20)).toString('utf8'), mode: node.mode, uid: node.uid, gid: node.gid }
}

/** The path as it is given, not where links lead: packages may change those. */
async function firstThere(tree: Tree, paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) if ((await stat(tree, path))?.type === 'file') return path
  return undefined
}
