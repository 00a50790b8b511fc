import { cp, mkdir, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Progress } from '../cli/progress.ts'
import { shortRevision } from '../contract/manifest.ts'
import { Secret } from '../contract/secret.ts'
import { baseImage, type BaseImage } from './base-image.ts'
import { startControlPlane, type ControlPlane, type TroveInstance } from './control-plane.ts'
import { startGuest, type Guest } from './guest.ts'
import { startHost, type Host } from './host.ts'
import { sshKeyPair } from './ssh-key-pair.ts'
import { stepsOf } from './steps.ts'
import type { Tell } from './tell.ts'
import { troveTree } from './trove-tree.ts'
import type { InjectedFile } from './user-data.ts'
import { wheels } from './wheels.ts'

const DEBUG_USER = 'debug'
const CONTROLLER: InjectedFile = { path: '/etc/trove/controller.conf', content: 'CONTROLLER=10.0.2.2\n' }

/** What a guest boots from: an image that `trovestrap image build` made, and its base, with kernel and initrd. */
export interface BuiltImage {
  readonly image: string
  readonly base: BaseImage
}

/** Everything around a guest, for real: Trove's control plane, host-server, an image built from the base image. */
export interface Scene extends AsyncDisposable, BuiltImage {
  readonly controlPlane: ControlPlane
  readonly host: Host
  /** Who may log in to its guests: over SSH with the key (it also lies in `keyFile`), on the serial console with the password. */
  readonly debug: { readonly user: string; readonly privateKey: string; readonly keyFile: string; readonly password: Secret }
  /** Builds another image, with the same debug user. @param name of its file @param options further ones of `trovestrap image build` */
  build(name: string, base: BaseImage, options?: readonly string[]): Promise<BuiltImage>
  /** A machine with the files that Trove's taskmanager would inject, so far as host-server does not hand them out. */
  boot(instance: TroveInstance, options?: BootOptions): Promise<Guest>
}

export interface BootOptions {
  /** `cut`: disks as a power cut leaves them. */
  readonly power?: 'cut'
  /** Another image than the scene's own. */
  readonly from?: BuiltImage
  /** Injected instead. */
  readonly files?: readonly InjectedFile[]
  /** More of Nova's metadata. */
  readonly metadata?: Readonly<Record<string, string>>
  /** Where its disks are; a folder named like the instance unless given. */
  readonly dir?: string
  readonly kernelArguments?: string
  readonly configDrive?: 'none'
}

/** How the scene's own image is made. */
export interface SceneOptions {
  /** What it is built from; the base image when left out. */
  readonly chooseBase?: (tell: Tell) => Promise<BaseImage>
  /** Further options of `trovestrap image build`. */
  readonly build?: readonly string[]
  /** Whether host-server hands out a copy of Trove's tree that may be broken. */
  readonly ownSource?: boolean
}

/** @param dir is emptied; everything is written there and in the cache */
export async function startScene(dir: string, progress: Progress, { chooseBase = baseImage, build: buildOptions = [], ownSource = false }: SceneOptions = {}): Promise<Scene> {
  await rm(dir, { recursive: true, force: true })
  await mkdir(dir, { recursive: true })
  await using stack = new AsyncDisposableStack()
  const step = stepsOf(progress)

  const base = await step('base image', async (tell) => {
    const base = await chooseBase(tell)
    return [base, `Debian 12, cloud-init, podman, ${gibibytes((await stat(base.qcow2)).size)}`]
  })
  const [source, wheelhouse] = await step('Trove', async (tell) => {
    const [tree, wheelhouse] = [await troveTree(tell), await wheels(tell)]
    const source = ownSource ? join(dir, 'source') : tree
    if (ownSource) await cp(tree, source, { recursive: true })
    return [[source, wheelhouse] as const, "the tree of Debian's python3-trove, a wheel of passlib"]
  })
  const controlPlane = await step('control plane', async (tell) => {
    const plane = stack.use(await startControlPlane(join(dir, 'control-plane'), tell))
    return [plane, `RabbitMQ ${plane.versions.rabbitmq} · trove-conductor ${plane.versions.trove}`]
  })
  const host = await step('host-server', async (tell) => {
    const host = stack.use(await startHost({ dir: join(dir, 'host'), files: controlPlane.files, source, wheels: wheelhouse, tell }))
    return [host, `${host.url} · revision ${shortRevision(await host.revision())}`]
  })
  const debug = await debugKey(dir)
  const build = async (name: string, base: BaseImage, options: readonly string[] = []): Promise<BuiltImage> => {
    const image = join(dir, `${name}.qcow2`)
    const debugOptions = ['--debug-user', DEBUG_USER, '--debug-key', `${debug.keyFile}.pub`, '--debug-password-stdin']
    await host.trovestrap(['image', 'build', base.qcow2, '-o', image, ...debugOptions, ...options], `${debug.password.reveal()}\n`)
    return { image, base }
  }
  const own = await step('guest image', async () => {
    const own = await build('guest', base, buildOptions)
    const added = (await stat(own.image)).size - (await stat(base.qcow2)).size
    return [own, `${Math.round(added / 1e6)} MB more than the base image, checked`]
  })

  const everything = stack.move()
  return {
    ...own,
    controlPlane,
    host,
    debug,
    build,
    boot: (instance, { power, from = own, files, metadata, dir: disks, ...rest } = {}) =>
      startGuest({
        dir: disks ?? join(dir, instance.name),
        ...rest,
        ...from,
        instance,
        files: files ?? [instance.guestInfo, CONTROLLER],
        metadata: metadata ?? {},
        diskCache: power === 'cut' ? 'writeback' : 'unsafe',
      }),
    [Symbol.asyncDispose]: () => everything.disposeAsync(),
  }
}

async function debugKey(dir: string): Promise<Scene['debug']> {
  const pair = sshKeyPair()
  const keyFile = join(dir, 'debug-key')
  await writeFile(keyFile, pair.private, { mode: 0o600 })
  await writeFile(`${keyFile}.pub`, `${pair.public}\n`)
  return { user: DEBUG_USER, privateKey: pair.private, keyFile, password: Secret.random() }
}

function gibibytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`
}
