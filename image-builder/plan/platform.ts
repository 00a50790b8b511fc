import { ImageRefusal } from '../refusal.ts'
import { readText, realPath, stat, type Tree } from '../tree.ts'
import type { Architecture } from '../wish.ts'

/** Official Node binaries are linked against this. */
const GLIBC = [2, 28] as const
const USE = 'Use an image of Ubuntu 20.04, Debian 10, CentOS Stream 8 or later.'
const NEEDS = `the guest daemon needs systemd and glibc ${GLIBC.join('.')} or newer.\n  ${USE}`

/** e_machine of ELF. */
const MACHINES: Readonly<Record<number, Architecture>> = { 62: 'x64', 183: 'arm64' }
const TRIPLETS: Readonly<Record<Architecture, string>> = { x64: 'x86_64-linux-gnu', arm64: 'aarch64-linux-gnu' }

/**
 * Which Linux this is and whether the daemon can run in it, from what lies in the image; nothing of it is run.
 * @throws ImageRefusal
 */
export async function requirePlatform(tree: Tree): Promise<{ os: string; architecture: Architecture }> {
  const os = await osName(tree)
  const init = await realPath(tree, '/sbin/init')
  const systemd = init?.endsWith('/systemd') ? init : undefined
  if (systemd === undefined) throw new ImageRefusal(`the image boots with ${await otherInit(tree, init)} (${os}); ${NEEDS}`)
  const architecture = await architectureOf(tree, systemd)
  if (await isMusl(tree)) throw new ImageRefusal(`the image (${os}) is built on musl; ${NEEDS}`)
  const [libc, version] = await glibcOf(tree, architecture)
  if (libc === undefined) throw new ImageRefusal(`the image (${os}) has no glibc where one is expected; ${NEEDS}`)
  if (version === undefined || version[0] < GLIBC[0] || (version[0] === GLIBC[0] && version[1] < GLIBC[1])) {
    throw new ImageRefusal(`the image (${os}) has glibc ${version?.join('.') ?? 'of an unknown version'}; ${NEEDS}`)
  }
  const stdcpp = await firstFile(tree, libraries(architecture, 'libstdc++.so.6'))
  if (stdcpp === undefined) throw new ImageRefusal(`the image (${os}) has no libstdc++.so.6, which Node needs. Install libstdc++6 (Debian) or libstdc++ in it`)
  return { os, architecture }
}

async function osName(tree: Tree): Promise<string> {
  const text = (await readText(tree, '/etc/os-release', 10_000)) ?? (await readText(tree, '/usr/lib/os-release', 10_000)) ?? ''
  const name = /^PRETTY_NAME=["']?([\x20-\x7e]*?)["']?$/m.exec(text)?.[1] ?? /^NAME=["']?([\x20-\x7e]*?)["']?$/m.exec(text)?.[1]
  return (name ?? 'an unknown system').slice(0, 80)
}

async function otherInit(tree: Tree, init: string | undefined): Promise<string> {
  if (init === undefined) return 'nothing: it has no /sbin/init'
  if (init.includes('busybox')) return 'BusyBox init'
  if (await stat(tree, '/sbin/openrc')) return 'OpenRC'
  if (await stat(tree, '/etc/init/rc-sysinit.conf')) return 'Upstart'
  return (await stat(tree, '/etc/inittab')) ? 'System V init' : `${init}, which is not systemd`
}

async function architectureOf(tree: Tree, program: string): Promise<Architecture> {
  const header = await tree.read(program, 64)
  const machine = header.length >= 20 && header.subarray(0, 4).toString('latin1') === '\x7fELF' ? header.readUInt16LE(18) : -1
  const architecture = MACHINES[machine]
  if (!architecture) throw new ImageRefusal(`the image is for another machine (ELF type ${machine} in ${program}); expected x86_64 or aarch64`)
  return architecture
}

async function isMusl(tree: Tree): Promise<boolean> {
  return (await stat(tree, '/lib/ld-musl-x86_64.so.1') ?? (await stat(tree, '/lib/ld-musl-aarch64.so.1'))) !== undefined
}

async function glibcOf(tree: Tree, architecture: Architecture): Promise<[path?: string, version?: readonly [number, number]]> {
  const path = await firstFile(tree, libraries(architecture, 'libc.so.6'))
  if (path === undefined) return []
  // Until 2.33 the file is called after its version; since then only its text says it.
  const named = /libc-(\d+)\.(\d+)\.so$/.exec(path)
  const text = named ?? /GNU C Library \([^)]{0,100}\) [a-z]+ release version (\d+)\.(\d+)/.exec((await tree.read(path, 4 * 2 ** 20)).toString('latin1'))
  return text ? [path, [Number(text[1]), Number(text[2])]] : [path]
}

function libraries(architecture: Architecture, name: string): string[] {
  return [`/lib/${TRIPLETS[architecture]}/${name}`, `/usr/lib/${TRIPLETS[architecture]}/${name}`, `/lib64/${name}`, `/usr/lib64/${name}`, `/usr/lib/${name}`]
}

async function firstFile(tree: Tree, paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) {
    const node = await stat(tree, path)
    if (node?.type === 'file') return node.path
  }
  return undefined
}
