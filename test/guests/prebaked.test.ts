// A guest from an image that holds the source tree and the wheels, but no secret: it comes up while host-server is down, and enrols with the token
// that the cloud gave it once host-server is there. What the first test leaves is what the second finds.
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import root from 'tap'
import { GUEST } from '../../contract/paths.ts'
import { cacheRoot } from '../../lab/cache.ts'
import { startScene } from '../../lab/scene.ts'
import { until } from '../../lab/until.ts'
import { telling } from './telling.ts'

const READY_MS = 480_000
const REPORT_MS = 60_000

const dir = join(cacheRoot(), `test-prebaked-${process.pid}`)
await using _emptied = { [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }) }
await using scene = await startScene(dir, telling(root), { build: ['--prebake', '--token-file', 'none'] })
const revision = await scene.host.revision()
const token = (await scene.host.trovestrap(['token', 'create'])).trim()
const instance = await scene.controlPlane.createInstance('db-1')
await scene.host.stop()
// All that Trove injects: nobody else gives the agent its configuration.
await using guest = await scene.boot(instance, { files: instance.injected, metadata: { trovestrap_token: token } })

await root.test('with host-server stopped, a guest becomes ready from the tree in its image', async (t) => {
  await guest.console.waitFor(/stage=ready state=done/, { timeoutMs: READY_MS })
  t.equal(await instance.consumers(), 1)
  t.equal(await shell(`sudo readlink ${GUEST.currentSource}`), revision)
})

await root.test('once host-server runs, the guest enrols with the token of its config drive, which is nowhere in the image', async (t) => {
  await scene.host.start()
  await guest.kill()
  const from = guest.console.mark()
  await guest.start()
  await guest.console.waitFor(/stage=ready state=done/, { timeoutMs: READY_MS, from })
  // The console says it a moment before the report has arrived.
  const reported = async () => (await scene.host.client.instances()).instances.find(({ latest }) => latest?.stage === 'ready')
  t.match(await until('the report of it', reported, { timeoutMs: REPORT_MS }), { instance: instance.id, latest: { revision } })
  t.notMatch(await shell(`sudo cat ${GUEST.config}`), token)
  t.notMatch(guest.console.text(), token)
})

async function shell(command: string): Promise<string> {
  return (await guest.shell(command, { user: scene.debug.user, privateKey: scene.debug.privateKey })).stdout.trim()
}
