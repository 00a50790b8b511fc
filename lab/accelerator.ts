import { constants } from 'node:fs'
import { access, mkdir, readFile, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { BaseImage } from './base-image.ts'
import { cacheRoot } from './cache.ts'
import { CommandFailed, run } from './run.ts'
import type { Tell } from './tell.ts'

export interface Accelerator {
  readonly name: 'kvm' | 'tcg'
  /** For people: "KVM does not answer". */
  readonly why: string
}

/** Under KVM a kernel without a root disk gives up within 2 s; where KVM hangs it never does. */
const PROBE_MS = 10_000
const GAVE_UP = /Kernel panic - not syncing: (VFS: Unable to mount root|No working init)/

/** KVM if a real kernel ran to its end under it, else TCG. Asked once a boot of this machine, and remembered in the cache. */
export async function accelerator(base: BaseImage, tell: Tell): Promise<Accelerator> {
  const boot = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim()
  const note = join(cacheRoot(), 'accelerator', `${boot}-${basename(dirname(base.kernel))}.json`)
  const known = await readFile(note, 'utf8').catch(() => undefined)
  if (known !== undefined) return JSON.parse(known) as Accelerator
  tell('asking whether KVM works')
  const answer = await probe(base.kernel)
  await mkdir(dirname(note), { recursive: true })
  await writeFile(note, JSON.stringify(answer))
  return answer
}

async function probe(kernel: string): Promise<Accelerator> {
  const barrier = await access('/dev/kvm', constants.R_OK | constants.W_OK).catch((error: NodeJS.ErrnoException) => error)
  if (barrier) return { name: 'tcg', why: barrier.code === 'ENOENT' ? 'there is no /dev/kvm' : `no access to /dev/kvm (${barrier.code})` }
  return judge(await boot(kernel))
}

/** @param outcome what the kernel printed, and undefined in place of an exit status when time was up */
export function judge(outcome: { console: string; status: string | undefined }): Accelerator {
  if (GAVE_UP.test(outcome.console)) return { name: 'kvm', why: 'a kernel ran under KVM' }
  if (outcome.status === undefined) return { name: 'tcg', why: `KVM does not answer (no kernel came up in ${PROBE_MS / 1000} s)` }
  return { name: 'tcg', why: `KVM does not answer (${outcome.status})` }
}

async function boot(kernel: string): Promise<{ console: string; status: string | undefined }> {
  const command = ['qemu-system-x86_64', '-nodefaults', '-M', 'pc', '-accel', 'kvm', '-cpu', 'max', '-m', '256', '-display', 'none', '-serial', 'stdio', '-no-reboot']
  const lines: string[] = []
  const limit = AbortSignal.timeout(PROBE_MS)
  try {
    await run([...command, '-kernel', kernel, '-append', 'console=ttyS0 panic=-1'], { signal: limit, onLine: (line) => lines.push(line) })
    return { console: lines.join('\n'), status: 'QEMU ended' }
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error
    return { console: lines.join('\n'), status: limit.aborted ? undefined : (lines.at(-1) ?? 'QEMU ended at once') }
  }
}
