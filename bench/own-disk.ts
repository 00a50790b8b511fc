// A file system of a measurement's own, as a guest has one: what others write on this machine is not flushed along with it, and ext4 does not
// look through the inodes that an earlier round has freed (for minutes; it then costs more than all else together).
import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { cacheRoot } from '../lab/cache.ts'
import { run } from '../lab/run.ts'

const SIZE = '8G'

/**
 * Runs a module in a mount namespace of its own; with it all is gone, however it ends. Without root it gets an ordinary folder.
 *
 * @param module its first argument is an empty folder, the second, if there is one, the image that it has to `mountDisk` there
 * @param tell each line of its stderr
 * @returns its stdout
 */
export async function onOwnDisk(name: string, module: string, tell: (line: string) => void): Promise<string> {
  const folder = join(cacheRoot(), `bench-${name}-${process.pid}`)
  const image = `${folder}.img`
  await mkdir(folder, { recursive: true })
  try {
    if (process.getuid?.() !== 0) return await run([process.execPath, module, folder], { onLine: tell })
    await run(['truncate', '-s', SIZE, image])
    await run(['mke2fs', '-q', '-t', 'ext4', '-E', 'lazy_itable_init=0,lazy_journal_init=0', image])
    return await run(['unshare', '--mount', '--propagation', 'private', process.execPath, module, folder, image], { onLine: tell })
  } finally {
    await rm(folder, { recursive: true, force: true })
    await rm(image, { force: true })
  }
}

/** For the module that was run so. @returns a folder in it that is memory; undefined where it is an ordinary folder, as on a machine without loop devices */
export function mountDisk(folder: string, image: string | undefined): string | undefined {
  if (image === undefined) return undefined
  try {
    execFileSync('mount', ['-o', 'loop', image, folder], { stdio: ['ignore', 'ignore', 'pipe'] })
  } catch (error) {
    process.stderr.write(`no file system of its own: ${(error as Error).message.split('\n').at(-1)}\n`)
    return undefined
  }
  // The loop device holds it; killed or not, nothing is left of it.
  rmSync(image)
  const memory = join(folder, 'memory')
  mkdirSync(memory)
  execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', memory])
  return memory
}
