import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cached } from './cache.ts'
import { contained } from './contained.ts'
import { aptOptions, debianSources } from './debian-sources.ts'
import { recipeDigest } from './recipe-digest.ts'
import { removeTree } from './remove-tree.ts'
import { run } from './run.ts'
import type { Tell } from './tell.ts'

const RECIPE = join(import.meta.dirname, 'base-image')
const SIZE_MIB = 4096
/** Left out of what is unpacked: nobody reads it in a guest of the lab, and unpacking is a third of the build. */
const LEFT_OUT = ['/usr/share/man/*', '/usr/share/doc/*', '/usr/share/info/*', '/usr/share/locale/*']

export interface BaseImage {
  /** Debian 12 as a provider would have it, without boot loader and without Trove. Never written to. */
  readonly qcow2: string
  /** What QEMU boots it with. */
  readonly kernel: string
  readonly initrd: string
  /** The kernel's `root=`. */
  readonly root: string
}

/**
 * The base image (GPT, ext4 `root` from 1 MiB) from the cache; built first when the recipe (the folder lab/base-image) is new or the cache is empty,
 * which takes about 100 s on 2 cores and 4 GiB of disk while it goes on. Building needs root: others are asked by sudo.
 */
export async function baseImage(tell: Tell): Promise<BaseImage> {
  const digest = await recipeDigest(RECIPE, String(SIZE_MIB), ...LEFT_OUT)
  const folder = await cached({ kind: 'base-image', digest, build: (folder) => build(folder, tell) }, tell)
  return { qcow2: join(folder, 'base.qcow2'), kernel: join(folder, 'vmlinuz'), initrd: join(folder, 'initrd'), root: 'LABEL=root' }
}

async function build(folder: string, tell: Tell): Promise<void> {
  const work = join(folder, 'work')
  await mkdir(work)
  const sources = join(work, 'sources.list')
  await writeFile(sources, await debianSources())
  await Promise.all([bootstrapGuest(work, sources, tell), bootstrapDatabase(work, sources)])
  tell('making the disk image')
  await run(contained([join(RECIPE, 'assemble.sh'), join(work, 'tree'), join(work, 'mysql.tar'), folder, String(SIZE_MIB)]))
  await removeTree(work)
}

async function bootstrapGuest(work: string, sources: string, tell: Tell): Promise<void> {
  const packages = packageNames(await readFile(join(RECIPE, 'guest-packages.txt'), 'utf8'))
  tell(`downloading and installing ${packages.length} Debian packages and what they need`)
  const command = [
    ...(await mmdebstrap('apt')),
    '--format=directory',
    `--essential-hook=${join(RECIPE, 'early.sh')}`,
    `--include=${packages.join(',')}`,
    `--customize-hook=${join(RECIPE, 'customize.sh')}`,
    'bookworm',
    join(work, 'tree'),
    sources,
  ]
  await run(contained(command), { onLine: (line) => line.startsWith('I: ') && tell(line.slice(3)) })
}

/** The database's container image: packages only unpacked and never configured, which takes a third of the time. */
async function bootstrapDatabase(work: string, sources: string): Promise<void> {
  const packages = packageNames(await readFile(join(RECIPE, 'mysql', 'packages.txt'), 'utf8'))
  const command = [
    ...(await mmdebstrap('extract')),
    '--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr',
    `--extract-hook=${join(RECIPE, 'mysql', 'prepare.sh')}`,
    `--include=${packages.join(',')}`,
    'bookworm',
    join(work, 'mysql.tar'),
    sources,
  ]
  await run(contained(command))
}

async function mmdebstrap(variant: string): Promise<string[]> {
  return [
    'mmdebstrap',
    '--mode=root',
    `--variant=${variant}`,
    '--skip=cleanup/reproducible',
    '--aptopt=APT::Install-Recommends "false"',
    ...(await aptOptions()).map((option) => `--aptopt=${option}`),
    '--dpkgopt=force-unsafe-io',
    ...LEFT_OUT.map((path) => `--dpkgopt=path-exclude=${path}`),
  ]
}

/** @param text one package a line, then why it is there; `#` begins a comment */
export function packageNames(text: string): string[] {
  return text.split('\n').flatMap((line) => /^[a-z0-9][a-z0-9+.-]+/.exec(line)?.[0] ?? [])
}
