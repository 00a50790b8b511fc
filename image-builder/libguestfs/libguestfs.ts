import { BuildFailure, ImageRefusal } from '../refusal.ts'
import { realPath } from '../tree.ts'
import type { Say, Space, Way, WorkImage } from '../way.ts'
import { applianceTree, type ApplianceTree } from './appliance-tree.ts'
import { checkFileSystems, withoutSubvolume } from './check-file-systems.ts'
import { findRoot, mountRoot, type Root } from './find-root.ts'
import { growDisk, growRoot } from './grow.ts'
import { CommandFailed, type Guestfish } from './guestfish.ts'
import { launch } from './launch.ts'
import { parseNumbers } from './parse.ts'
import { writeChanges } from './write-changes.ts'

/**
 * Everything that Linux can mount, through libguestfs: a small virtual machine, made of this host's kernel and tools, mounts the image's
 * file systems. Nothing of the image meets the kernel of this host. One appliance serves a build, as its start costs seconds.
 */
export const libguestfs: Way = {
  name: 'libguestfs',
  async open(image, { grow, say = () => {} } = {}) {
    if (grow !== undefined) await growDisk(image, grow)
    let running: Promise<Mounted> | undefined = mounted(image, say, grow !== undefined && grow > image.size)
    const first = await running
    // After apply the appliance is down, so that all is in the qcow2; whoever looks again has it started again.
    const tree = applianceTree(async () => (await (running ??= mounted(image, say, false))).guestfish, image.folder)
    const dispose = async () => {
      const last = await running?.catch(() => undefined)
      running = undefined
      await last?.guestfish.kill()
    }
    try {
      return {
        tree,
        description: first.description,
        space: await spaceOf(first, tree),
        async apply(changes, tell = say) {
          const { guestfish, mounts } = await (running ??= mounted(image, say, false))
          await writeChanges(guestfish, image, tree, changes, tell)
          await closed(guestfish, mounts.map(([, device]) => device), tell)
          running = undefined
          tree.forget()
        },
        [Symbol.asyncDispose]: dispose,
      }
    } catch (error) {
      await dispose()
      throw error
    }
  },
}

interface Mounted {
  readonly guestfish: Guestfish
  /** In the order in which they were mounted. */
  readonly mounts: readonly (readonly [string, string])[]
  readonly description: string
}

async function mounted(image: WorkImage, say: Say, grow: boolean): Promise<Mounted> {
  const guestfish = await launch(image, say)
  try {
    say('looking for the file systems')
    const root = await findRoot(guestfish, image)
    if (grow) await growRoot(guestfish, root)
    const mounts = await mountRoot(guestfish, root)
    return { guestfish, mounts, description: await describe(guestfish, root, mounts) }
  } catch (error) {
    await guestfish.kill()
    if (!(error instanceof CommandFailed)) throw error
    throw new ImageRefusal(`the image cannot be used: ${error.message.split('\n')[0]!.slice(0, 300)}`, { cause: error })
  }
}

/** Unmounts, checks, and ends the appliance in good order. */
async function closed(guestfish: Guestfish, devices: readonly string[], say: Say): Promise<void> {
  say('checking the file systems')
  try {
    await guestfish.ask('umount-all')
    await checkFileSystems(guestfish, devices)
    await guestfish.end()
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error
    throw new BuildFailure(`the image could not be closed: ${error.message.split('\n')[0]!.slice(0, 300)}`, { cause: error })
  }
}

async function describe(guestfish: Guestfish, root: Root, mounts: readonly (readonly [string, string])[]): Promise<string> {
  const device = withoutSubvolume(root.device)
  const type = (await guestfish.ask('vfs-type', device)).toString().trim()
  const [, disk, number] = /^\/dev\/([hsv]d[a-z])(\d*)$/.exec(device) ?? []
  const encrypted = root.opened.get(device)
  const place = encrypted !== undefined ? `LUKS on ${encrypted}` : disk === undefined ? `LVM volume ${device}` : number === '' ? 'the whole disk' : `partition ${number}`
  const others = mounts.slice(1).filter(([path]) => !path.startsWith('/boot')).map(([path]) => path)
  return `${place}, ${type}${others.length > 0 ? `, with ${others.join(', ')} apart` : ''}`
}

async function spaceOf({ guestfish, mounts }: Mounted, tree: ApplianceTree): Promise<Space> {
  const path = (await realPath(tree, '/opt')) ?? '/'
  const [, device] = mounts.findLast(([point]) => point === '/' || path === point || path.startsWith(`${point}/`))!
  const type = (await guestfish.ask('vfs-type', withoutSubvolume(device))).toString().trim()
  const facts = parseNumbers(await guestfish.ask('statvfs', path))
  const blockSize = facts.get('frsize')!
  return {
    freeBytes: facts.get('bfree')! * blockSize,
    totalBytes: facts.get('blocks')! * blockSize,
    blockSize,
    ...(type.startsWith('ext') ? { freeInodes: facts.get('ffree')! } : {}),
  }
}
