import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Progress } from '../../cli/progress.ts'
import { shortRevision } from '../../contract/manifest.ts'
import { baseImage, type BaseImage } from '../base-image.ts'
import { startHost, type Host } from '../host.ts'
import { sshKeyPair } from '../ssh-key-pair.ts'
import { stepsOf } from '../steps.ts'
import { troveTree } from '../trove-tree.ts'
import { wheels } from '../wheels.ts'
import type { LabCloud } from './cloud.ts'
import { uploadKernel, type BootProperties } from './kernel-images.ts'
import { HOST } from './network.ts'

/** What of ours stands beside the cloud, as a newcomer makes it: host-server, which the cloud attests guests to, and a guest image. */
export interface Neighbourhood extends AsyncDisposable {
  readonly host: Host
  readonly base: BaseImage
  /** Made by `trovestrap image build` from the base image. */
  readonly image: string
  /** What Glance has to know of it. */
  readonly boot: BootProperties
  readonly debug: { readonly user: string; readonly keyFile: string }
}

const DEBUG_USER = 'debug'

/** Everything that comes from outside, and stays in the cache: there is no network to the outside in the cloud's world. */
export async function bringFromOutside(progress: Progress): Promise<void> {
  const step = stepsOf(progress)
  await step('base image, Trove', async (tell) => {
    await Promise.all([baseImage(tell), troveTree(tell), wheels(tell)])
    return [undefined, "Debian 12, the tree of Debian's python3-trove, a wheel of passlib"]
  })
}

export async function startNeighbourhood(cloud: LabCloud, progress: Progress): Promise<Neighbourhood> {
  const step = stepsOf(progress)
  const quiet = () => {}
  const [base, source, wheelhouse] = await Promise.all([baseImage(quiet), troveTree(quiet), wheels(quiet)])
  await using stack = new AsyncDisposableStack()
  const host = await step('host-server', async (tell) => {
    const host = stack.use(
      await startHost({
        dir: join(cloud.dir, 'host'),
        files: cloud.trove.files,
        source,
        wheels: wheelhouse,
        address: HOST,
        openstack: { cloud: 'admin', clouds_file: cloud.cloudsFile },
        env: cloud.env,
        tell,
      }),
    )
    return [host, `${host.url} · revision ${shortRevision(await host.revision())}`]
  })
  const [image, keyFile] = await step('guest image', async () => {
    const [image, keyFile] = [join(cloud.dir, 'guest.qcow2'), join(cloud.dir, 'debug-key')]
    const pair = sshKeyPair()
    await writeFile(keyFile, pair.private, { mode: 0o600 })
    await writeFile(`${keyFile}.pub`, `${pair.public}\n`)
    await host.trovestrap(['image', 'build', base.qcow2, '-o', image, '--debug-user', DEBUG_USER, '--debug-key', `${keyFile}.pub`])
    return [[image, keyFile], 'by trovestrap image build']
  })
  const boot = await step('kernel', async () => [await uploadKernel(cloud.openstack, base), "in Glance: the lab's image has no boot loader"])
  const everything = stack.move()
  return { host, base, image, boot, debug: { user: DEBUG_USER, keyFile }, [Symbol.asyncDispose]: () => everything.disposeAsync() }
}
