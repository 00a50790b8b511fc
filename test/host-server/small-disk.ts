import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'

export interface SmallDisk {
  /** What a command starts with that sees the disk. */
  readonly within: readonly string[]
  /** What a path starts with that leads to it from outside. */
  readonly root: string
  gone(): Promise<void>
}

/** Mounts a tmpfs of so many bytes on a folder, in a mount namespace that lives as long as its one process: this machine sees nothing of it. */
export async function smallDisk(folder: string, bytes: number): Promise<SmallDisk> {
  mkdirSync(folder)
  const isRoot = process.getuid?.() === 0
  const mount = 'mount -t tmpfs -o "size=$1,mode=700" none "$2" && echo mounted && exec cat'
  const unshare = ['unshare', ...(isRoot ? [] : ['--map-root-user']), '--mount', '--', 'sh', '-c', mount, 'sh', String(bytes), folder]
  // It ends when its input does: with us, however we end.
  const holder = spawn(unshare[0]!, unshare.slice(1), { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = once(holder, 'exit')
  const mounted = await Promise.race([once(holder.stdout, 'data').then(() => true), ended.then(() => false)])
  if (!mounted) throw new Error('a mount namespace with a tmpfs could not be made; run it as root, or allow user namespaces')
  return {
    within: ['nsenter', `--target=${holder.pid}`, ...(isRoot ? [] : ['--user', '--preserve-credentials']), '--mount', '--'],
    root: `/proc/${holder.pid}/root`,
    async gone() {
      holder.stdin.end()
      await ended
    },
  }
}
