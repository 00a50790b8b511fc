import { mkdir, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import ssh2 from 'ssh2'
import type { Progress } from '../cli/progress.ts'
import { shortRevision } from '../contract/manifest.ts'
import { Secret } from '../contract/secret.ts'
import { baseImage, type BaseImage } from './base-image.ts'
import { startControlPlane, type ControlPlane, type TroveInstance } from './control-plane.ts'
import { startGuest, type Guest } from './guest.ts'
import { startHost, type Host } from './host.ts'
import { troveTree } from './trove-tree.ts'
import { wheels } from './wheels.ts'

const DEBUG_USER = 'debug'

/** Everything around a guest, for real: Trove's control plane, host-server, an image built from the base image. */
export interface Scene extends AsyncDisposable {
  readonly controlPlane: ControlPlane
  readonly host: Host
  readonly base: BaseImage
  /** The built image. */
  readonly image: string
  /** Who may log in to its guests: over SSH with the key (it also lies in `keyFile`), on the serial console with the password. */
  readonly debug: { readonly user: string; readonly privateKey: string; readonly keyFile: string; readonly password: Secret }
  /** A machine with the files that Trove's taskmanager would inject. @param options.power `cut`: disks as a power cut leaves them */
  boot(instance: TroveInstance, options?: { power?: 'cut' }): Promise<Guest>
}

/** @param dir is emptied; everything is written there and in the cache */
export async function startScene(dir: string, progress: Progress): Promise<Scene> {
  await rm(dir, { recursive: true, force: true })
  await mkdir(dir, { recursive: true })
  await using stack = new AsyncDisposableStack()
  const step = stepsOf(progress)

  const base = await step('base image', async (tell) => {
    const base = await baseImage(tell)
    return [base, `Debian 12, cloud-init, podman, ${gibibytes((await stat(base.qcow2)).size)}`]
  })
  const [source, wheelhouse] = await step('Trove', async (tell) => {
    const [source, wheelhouse] = [await troveTree(tell), await wheels(tell)]
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
  const image = await step('guest image', async () => {
    const image = join(dir, 'guest.qcow2')
    const debugOptions = ['--debug-user', DEBUG_USER, '--debug-key', `${debug.keyFile}.pub`, '--debug-password-stdin']
    await host.trovestrap(['image', 'build', base.qcow2, '-o', image, ...debugOptions], `${debug.password.reveal()}\n`)
    const added = (await stat(image)).size - (await stat(base.qcow2)).size
    return [image, `${Math.round(added / 1e6)} MB more than the base image, checked`]
  })

  const everything = stack.move()
  return {
    controlPlane,
    host,
    base,
    image,
    debug,
    boot: (instance, { power } = {}) =>
      startGuest({
        dir: join(dir, instance.name),
        image,
        base,
        instance,
        files: [instance.guestInfo, { path: '/etc/trove/controller.conf', content: 'CONTROLLER=10.0.2.2\n' }],
        diskCache: power === 'cut' ? 'writeback' : 'unsafe',
      }),
    [Symbol.asyncDispose]: () => everything.disposeAsync(),
  }
}

type StepBody<T> = (tell: (text: string) => void) => Promise<readonly [T, string]>

function stepsOf(progress: Progress) {
  return async <T>(name: string, body: StepBody<T>): Promise<T> => {
    const step = progress.step(name)
    try {
      const [value, text] = await body(step.update)
      step.done(text)
      return value
    } catch (error) {
      step.fail('failed')
      throw error
    }
  }
}

async function debugKey(dir: string): Promise<Scene['debug']> {
  const pair = ssh2.utils.generateKeyPairSync('ed25519')
  const keyFile = join(dir, 'debug-key')
  await writeFile(keyFile, pair.private, { mode: 0o600 })
  await writeFile(`${keyFile}.pub`, `${pair.public}\n`)
  return { user: DEBUG_USER, privateKey: pair.private, keyFile, password: Secret.random() }
}

function gibibytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`
}
