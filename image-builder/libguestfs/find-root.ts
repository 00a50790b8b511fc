import { readFile } from 'node:fs/promises'
import { ImageRefusal } from '../refusal.ts'
import type { WorkImage } from '../way.ts'
import { CommandFailed, type Guestfish } from './guestfish.ts'
import { lines, parsePairs } from './parse.ts'

export interface Root {
  /** What mount takes: `/dev/sda1`, `/dev/vg/root`, `btrfsvol:/dev/sda2/@`. */
  readonly device: string
  /** Where what is mounted, `/` first. */
  readonly mounts: readonly (readonly [string, string])[]
  /** LUKS partitions that were opened, by the name they got. */
  readonly opened: ReadonlyMap<string, string>
}

/** Anything that only a Linux root file system has. */
const MARKS = ['/etc/os-release', '/usr/lib/os-release', '/etc/debian_version', '/etc/redhat-release', '/etc/passwd']

/** Where the builder writes or must look; without them it would write below the mount point, where no guest sees it. */
const NEEDED = ['/', '/usr', '/usr/lib', '/usr/local', '/etc', '/opt', '/var', '/var/lib', '/var/log', '/home', '/root']

/**
 * Opens what is encrypted, and finds the one Linux with all its file systems. Mounts nothing.
 * @throws ImageRefusal
 */
export async function findRoot(guestfish: Guestfish, image: WorkImage): Promise<Root> {
  const { opened, locked } = await openEncrypted(guestfish, image)
  const systems = parsePairs(await guestfish.ask('list-filesystems'))
  const inspected = lines(await guestfish.ask('inspect-os'))
  const roots = inspected.length > 0 ? inspected : await rootsByMarks(guestfish, systems)
  if (roots.length > 1) throw new ImageRefusal(`the image has ${roots.length} Linux systems (${roots.join(', ')}); use one with a single system`)
  const [device] = roots
  if (device === undefined) {
    if (locked.length > 0) throw new ImageRefusal(`${locked.join(', ')} of the image is encrypted (LUKS). Give the key: --key-file FILE`)
    throw new ImageRefusal(`the image holds no Linux (${systems.map(([name, type]) => `${name}: ${type}`).join(', ') || 'no file systems'}); use a disk image of an installed system`)
  }
  const wanted = inspected.length > 0 ? parsePairs(await guestfish.ask('inspect-get-mountpoints', device)) : []
  const others = wanted.filter(([path]) => path !== '/').sort(([a], [b]) => a.split('/').length - b.split('/').length)
  return { device, mounts: [['/', device], ...others], opened }
}

/** @throws ImageRefusal when a part that matters cannot be mounted; a data disk that is not there is left out */
export async function mountRoot(guestfish: Guestfish, root: Root): Promise<(readonly [string, string])[]> {
  const mounted: (readonly [string, string])[] = []
  for (const [path, device] of root.mounts) {
    try {
      await guestfish.ask('mount', device, path)
      mounted.push([path, device])
    } catch (error) {
      if (!(error instanceof CommandFailed)) throw error
      if (NEEDED.includes(path)) throw new ImageRefusal(`${path} of the image, on ${device}, cannot be mounted: ${error.message.split('\n')[0]}`, { cause: error })
    }
  }
  return mounted
}

async function openEncrypted(guestfish: Guestfish, image: WorkImage): Promise<{ opened: Map<string, string>; locked: string[] }> {
  const opened = new Map<string, string>()
  const locked = await encrypted(guestfish)
  if (locked.length === 0 || image.keyFile === undefined) return { opened, locked }
  const key = await readKey(image.keyFile)
  for (const [index, device] of locked.entries()) {
    const name = `opened-${index + 1}`
    try {
      await guestfish.askWithKey(key, 'cryptsetup-open', device, name)
    } catch (error) {
      if (!(error instanceof CommandFailed)) throw error
      throw new ImageRefusal(`the key in ${image.keyFile} does not open ${device} of the image. Give the right one: --key-file FILE`)
    }
    opened.set(`/dev/mapper/${name}`, device)
  }
  await guestfish.ask('lvm-scan', 'true')
  return { opened, locked: [] }
}

/** list-filesystems leaves them out. */
async function encrypted(guestfish: Guestfish): Promise<string[]> {
  const found: string[] = []
  for (const list of ['list-devices', 'list-partitions', 'lvs']) {
    for (const device of lines(await guestfish.ask(list))) if ((await guestfish.ask('vfs-type', device)).toString().trim() === 'crypto_LUKS') found.push(device)
  }
  return found
}

/** libguestfs takes keys as one line of text; the newline that editors put at the end of a file is none of it. */
async function readKey(file: string): Promise<string> {
  const bytes = await readFile(file).catch((cause: Error) => {
    throw new ImageRefusal(`the key file ${file} cannot be read: ${cause.message}`, { cause })
  })
  const key = bytes.toString('utf8').replace(/\n$/, '')
  if (key === '' || /[\0\n]/.test(key) || !Buffer.from(key).equals(bytes.subarray(0, Buffer.byteLength(key)))) {
    throw new ImageRefusal(`the key file ${file} cannot be used: expected one line of text, as libguestfs takes no binary keys. Add a passphrase: cryptsetup luksAddKey`)
  }
  return key
}

/** libguestfs wants /etc/fstab or /etc/hosts in a Linux; images that are made without them boot all the same. */
async function rootsByMarks(guestfish: Guestfish, systems: readonly (readonly [string, string])[]): Promise<string[]> {
  const roots: string[] = []
  for (const [device, type] of systems) {
    if (!/^(ext[234]|xfs|btrfs)$/.test(type)) continue
    try {
      await guestfish.ask('mount-ro', device, '/')
      for (const mark of MARKS) {
        if ((await guestfish.ask('exists', mark)).toString().trim() !== 'true') continue
        roots.push(device)
        break
      }
    } catch (error) {
      if (!(error instanceof CommandFailed)) throw error // one that cannot be read is no root
    } finally {
      await guestfish.ask('umount-all')
    }
  }
  return roots
}
