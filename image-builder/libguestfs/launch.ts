import { constants } from 'node:fs'
import { access, mkdir, readFile, readdir, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { BuildFailure, ImageRefusal } from '../refusal.ts'
import type { Say, WorkImage } from '../way.ts'
import { CommandFailed, startGuestfish, type Guestfish } from './guestfish.ts'
import { clearLeftovers } from './leftovers.ts'
import { ApplianceMissing } from '../without-root/failure.ts'

const INSTALL = 'apt install libguestfs-tools libguestfs-xfs linux-image-cloud-amd64'
/** What a caller may say to libguestfs; its debug and trace settings would be taken for errors. */
const HONOURED = ['LIBGUESTFS_BACKEND', 'LIBGUESTFS_BACKEND_SETTINGS', 'LIBGUESTFS_MEMSIZE', 'LIBGUESTFS_HV', 'LIBGUESTFS_PATH', 'SUPERMIN_KERNEL', 'SUPERMIN_MODULES']
/** An appliance is up within 5 s under KVM; where KVM hangs it never is. Making the appliance first takes its time too. */
const KVM_SECONDS = 60

/**
 * Boots the appliance with the image, and nothing else of this host, as its disk /dev/sda.
 *
 * libguestfs falls back to emulation only where /dev/kvm is missing. Where it is there and QEMU ends at once, or hangs, it fails;
 * so a failed start under KVM is followed by one without, and remembered until this machine boots again.
 *
 * @throws ImageRefusal when libguestfs is missing or cannot be used by this user
 */
export async function launch(image: WorkImage, say: Say): Promise<Guestfish> {
  const cache = process.env['LIBGUESTFS_CACHEDIR'] ?? join(process.env['TROVESTRAP_CACHE'] ?? join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'trovestrap'), 'libguestfs')
  await mkdir(cache, { recursive: true })
  await clearLeftovers()
  const given = process.env['TROVESTRAP_APPLIANCE']
  if (given === 'missing') throw new ApplianceMissing('the libguestfs appliance is not made yet')
  const made = given !== undefined || await access(join(cache, `.guestfs-${process.getuid!()}`, 'appliance.d', 'root')).then(() => true, () => false)
  say(made ? 'starting the libguestfs appliance' : 'making the libguestfs appliance, once, and starting it')
  const asked = Object.fromEntries(HONOURED.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])))
  const environment = { LIBGUESTFS_BACKEND: 'direct', LIBGUESTFS_CACHEDIR: cache, LIBGUESTFS_TMPDIR: image.folder, ...(given === undefined ? {} : { LIBGUESTFS_PATH: given, XDG_RUNTIME_DIR: image.folder }), ...asked }
  if ('LIBGUESTFS_BACKEND_SETTINGS' in asked) return await boot(image, environment)
  const note = join(cache, `no-kvm-${(await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim()}`)
  if (await kvmMayAnswer(note)) {
    try {
      return await boot(image, environment, KVM_SECONDS)
    } catch (error) {
      if (error instanceof ImageRefusal || image.signal?.aborted) throw error
      await writeFile(note, '')
    }
  }
  return await boot(image, { ...environment, LIBGUESTFS_BACKEND_SETTINGS: 'force_tcg' })
}

async function kvmMayAnswer(note: string): Promise<boolean> {
  if (await access(note).then(() => true, () => false)) return false
  return await access('/dev/kvm', constants.R_OK | constants.W_OK).then(() => true, () => false)
}

async function boot(image: WorkImage, environment: Readonly<Record<string, string>>, seconds?: number): Promise<Guestfish> {
  const guestfish = startGuestfish({ cwd: image.folder, environment, signal: image.signal })
  const timer = seconds === undefined ? undefined : setTimeout(() => void guestfish.kill(), seconds * 1000)
  try {
    await guestfish.ask('add-drive', image.file, 'format:qcow2')
    await guestfish.ask('run')
    return guestfish
  } catch (error) {
    await guestfish.kill()
    throw await explained(error)
  } finally {
    clearTimeout(timer)
  }
}

/** The two causes that a user can mend, and everything else as it is. */
async function explained(error: unknown): Promise<unknown> {
  if (error instanceof BuildFailure && /ended with 127\b/.test(error.message)) {
    return new ImageRefusal(`libguestfs is needed for this image and is not installed. Type: ${INSTALL}`, { cause: error })
  }
  if (!(error instanceof CommandFailed)) return error
  if (/supermin/.test(error.message)) {
    const kernels = (await readdir('/boot')).filter((name) => name.startsWith('vmlinuz-'))
    if (kernels.length === 0) return new ImageRefusal(`libguestfs is needed for this image and finds no kernel in /boot. Type: ${INSTALL}`, { cause: error })
    const readable = await Promise.all(kernels.map((name) => access(join('/boot', name), constants.R_OK).then(() => true, () => false)))
    if (!readable.includes(true)) {
      return new ImageRefusal(`libguestfs is needed for this image and may not read this host's kernel (/boot/${kernels[0]}). Type: sudo chmod +r /boot/vmlinuz-*`, { cause: error })
    }
  }
  return new BuildFailure(`the libguestfs appliance did not start: ${error.message.split('\n')[0]!.slice(0, 300)}`, { cause: error })
}
