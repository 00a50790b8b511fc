import { createHash } from 'node:crypto'
import { chmod, chown, mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { BuildFailure, ImageRefusal } from '../refusal.ts'
import { endsWellAs, somebody } from './somebody.ts'
import { placeFor } from './place.ts'

/** Everybody's; what lies in it is root's, so that nobody who looked at an image has had it in their hands. */
const CACHE = '/var/cache/trovestrap'
/** Where distributions put the recipe that libguestfs brings. */
const RECIPES = ['/usr/lib/x86_64-linux-gnu/guestfs/supermin.d', '/usr/lib64/guestfs/supermin.d', '/usr/lib/guestfs/supermin.d', '/usr/lib/aarch64-linux-gnu/guestfs/supermin.d']
/** Of whom the appliance is made: what any of these has changed, the appliance is out of date. */
const MADE_OF = ['/var/lib/dpkg/status', '/var/lib/rpm/rpmdb.sqlite', '/var/lib/rpm/Packages', '/boot', ...RECIPES]
const CPU = process.arch === 'arm64' ? 'aarch64' : 'x86_64'

/** @returns where libguestfs finds its appliance, when it was made already and is of today */
export async function applianceThere(): Promise<string | undefined> {
  const path = await applianceName()
  return (await stat(path).catch(() => undefined)) ? path : undefined
}

/**
 * Makes the appliance out of this host's kernel and programs, without root's rights: so nothing is in it that not everybody may read here.
 * @throws ImageRefusal when libguestfs is not installed or the kernel cannot be read
 */
export async function makeAppliance(mountable: boolean): Promise<string> {
  const path = await applianceName()
  const recipe = await firstThere(RECIPES)
  if (recipe === undefined) throw new ImageRefusal('libguestfs is needed for this image and is not installed. Type: apt install libguestfs-tools libguestfs-xfs linux-image-cloud-amd64')
  await mkdir(CACHE, { recursive: true, mode: 0o755 })
  const maker = await somebody()
  await using place = await placeFor(maker, CACHE, mountable)
  const made = join(place.ours, 'made')
  const ok = await endsWellAs(maker, 'supermin', ['--build', '-f', 'ext2', '--copy-kernel', '--host-cpu', CPU, recipe, '-o', made])
  if (!ok) {
    const [kernel] = (await readdir('/boot').catch(() => [])).filter((name) => name.startsWith('vmlinuz-'))
    if (kernel === undefined) throw new ImageRefusal('libguestfs is needed for this image and finds no kernel in /boot. Type: apt install linux-image-cloud-amd64')
    if (!(await endsWellAs(maker, 'test', ['-r', join('/boot', kernel)]))) {
      throw new ImageRefusal(`libguestfs is needed for this image and is used without root's rights, which may not read this host's kernel. Type: chmod +r /boot/${kernel}`)
    }
    throw new BuildFailure(`the libguestfs appliance could not be made with supermin out of ${recipe}`)
  }
  for (const name of await readdir(CACHE)) if (name.startsWith('appliance-')) await rm(join(CACHE, name), { recursive: true })
  const whole = `${path}.${process.pid}.part`
  await rename(made, whole)
  await chown(whole, 0, 0)
  await chmod(whole, 0o755)
  for (const name of await readdir(whole)) {
    await chown(join(whole, name), 0, 0)
    await chmod(join(whole, name), 0o644)
  }
  await writeFile(join(whole, 'README.fixed'), 'Made by Trovestrap; libguestfs takes this folder for a fixed appliance because this file is here.\n', { mode: 0o644 })
  await rename(whole, path)
  return path
}

async function applianceName(): Promise<string> {
  const hash = createHash('sha256')
  for (const source of MADE_OF) {
    const info = await stat(source).catch(() => undefined)
    if (info) hash.update(`${source} ${info.mtimeMs}\n`)
  }
  return join(CACHE, `appliance-${hash.digest('hex').slice(0, 16)}`)
}

async function firstThere(paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) if (await stat(path).catch(() => undefined)) return path
  return undefined
}
