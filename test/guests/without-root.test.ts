import { chmodSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { smallVolumes } from '../image-builder/libguestfs/small-volumes.ts'
import { scratch } from '../image-builder/small-image.ts'
import { idsOf, rightsOf, watched } from '../image-builder/without-root/watched.ts'

t.setTimeout(600_000)

/** QEMU finds its firmware beside itself, so nothing can stand in front of it; it is started by guestfish, which gets no new privileges. */
const TOOLS = ['guestfish', 'qemu-img']

t.test('an image on XFS that only root can reach is looked into through libguestfs, by somebody without any right', async (t) => {
  if (process.geteuid!() !== 0) return t.pass('an ordinary user has nothing to give up')
  const folder = scratch(t.teardown.bind(t))
  const images = join(folder, 'images')
  mkdirSync(images, { mode: 0o700 })
  const { xfs } = await smallVolumes(images, ['xfs'])
  chmodSync(xfs, 0o600)
  const { status, said, seen } = watched(t, folder, TOOLS, 'image', 'check', xfs)
  t.equal(status, 1, 'its findings are errors')
  t.match(said, /error +B6 no-agent/)
  for (const tool of TOOLS) t.ok(seen.some((one) => one.tool === tool), `${tool} was run`)
  for (const { tool, itself } of seen) {
    t.notOk(idsOf(itself).includes('0'), `${tool} is not root`)
    t.equal(rightsOf(itself), 0n, `${tool} has no capability`)
    t.equal(itself.get('NoNewPrivs'), '1', `${tool} gets no new privileges`)
  }
})
