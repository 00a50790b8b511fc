// Guests whose root is no plain ext4 partition, from images that the builder made of such bases. Becoming ready is all they are to do: they have no
// database image. The guests run one after the other.
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import root from 'tap'
import { baseImage } from '../../lab/base-image.ts'
import { baseVariant } from '../../lab/base-variants.ts'
import { cacheRoot } from '../../lab/cache.ts'
import { startScene, type BootOptions } from '../../lab/scene.ts'
import { telling } from './telling.ts'

const READY_MS = 480_000

const dir = join(cacheRoot(), `test-volumes-${process.pid}`)
await using _emptied = { [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }) }
await using scene = await startScene(dir, telling(root), { chooseBase: async (tell) => baseVariant('xfs', await baseImage(tell), tell) })

await root.test('an image with its root on XFS boots and becomes ready', async (t) => {
  const mounts = await mountsOnceReady(t, 'xfs-1')
  t.same(mounts('/'), ['xfs', '/dev/vda1'])
})

await root.test('an image with its root and its /var on logical volumes boots and becomes ready', async (t) => {
  const from = await scene.build('lvm', await baseVariant('lvm', await baseImage(t.comment), t.comment))
  const mounts = await mountsOnceReady(t, 'lvm-1', { from })
  t.same(mounts('/'), ['ext4', '/dev/mapper/guest-root'])
  t.same(mounts('/var'), ['xfs', '/dev/mapper/guest-var'])
})

/** Boots a guest, waits until it says that it is ready, and ends it. @returns type and device of what is mounted at a place */
async function mountsOnceReady(t: Pick<typeof root, 'comment' | 'equal'>, name: string, options: BootOptions = {}) {
  const instance = await scene.controlPlane.createInstance(name)
  await using guest = await scene.boot(instance, options)
  const began = performance.now()
  await guest.console.waitFor(/stage=ready state=done/, { timeoutMs: READY_MS })
  t.comment(`ready ${((performance.now() - began) / 1000).toFixed(0)} s after power-on (${guest.accelerator})`)
  t.equal(await instance.consumers(), 1)
  const { stdout } = await guest.shell('findmnt --real --list --noheadings --output TARGET,FSTYPE,SOURCE', { user: scene.debug.user, privateKey: scene.debug.privateKey })
  const rows = stdout.trim().split('\n').map((line) => line.split(/\s+/))
  return (place: string) => rows.find(([target]) => target === place)?.slice(1)
}
