// `npm run test:power-cuts [-- COUNT [SEED]]`: cuts a guest's power at random moments of its first bring-up, each time on fresh disks, and sees
// it ready on the next boot. Takes about two and a half minutes a cut without KVM, so it is not part of `npm test`.
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { progress } from '../../cli/progress.ts'
import { cacheRoot } from '../../lab/cache.ts'
import { startScene } from '../../lab/scene.ts'
import { seededRandom } from './seeded-random.ts'

const BOOT_MS = 240_000
const READY_MS = 480_000
/** About as long as the stages take without KVM. */
const BRING_UP_MS = 70_000

const [count = '10', seed = String(Date.now() % 100_000)] = process.argv.slice(2)
const random = seededRandom(Number(seed))
const show = progress(process.stdout)
show.say(`${count} power cuts, seed ${seed}`)
await using scene = await startScene(join(cacheRoot(), `power-cuts-${process.pid}`), show)
let failed = 0
for (let number = 1; number <= Number(count); number++) {
  const moment = Math.floor(random() * BRING_UP_MS)
  const step = show.step(`cut ${number}`)
  try {
    step.done(await cut(number, moment, step.update))
  } catch (error) {
    failed++
    step.fail(`cut after ${moment} ms: ${(error as Error).message}`)
  }
}
console.log(`${Number(count) - failed} passed, ${failed} failed, 0 skipped`)
process.exitCode = failed === 0 ? 0 : 1

async function cut(number: number, moment: number, tell: (text: string) => void): Promise<string> {
  const instance = await scene.controlPlane.createInstance(`cut-${number}`)
  await instance.prepare()
  await using guest = await scene.boot(instance, { power: 'cut' })
  tell('first boot')
  await guest.console.waitFor(/stage=identify/, { timeoutMs: BOOT_MS })
  await pause(moment)
  await guest.kill()
  const reached = [...guest.console.text().matchAll(/stage=(\S+) state=(\S+)/g)].at(-1)
  const from = guest.console.mark()
  tell('second boot')
  const began = performance.now()
  await guest.start()
  await guest.console.waitFor(/stage=ready state=done/, { timeoutMs: READY_MS, from })
  return `${(moment / 1000).toFixed(1)} s in, at ${reached?.[1]} ${reached?.[2]}; ready ${Math.round((performance.now() - began) / 1000)} s after the next power-on`
}
