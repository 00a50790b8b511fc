import { once } from 'node:events'
import { mkdirSync, readdirSync, renameSync, utimesSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { clearLeftovers } from '../../../image-builder/libguestfs/leftovers.ts'
import { scratch } from '../small-image.ts'

t.test('folders of sockets that nobody has open are cleared away when they are old; others stay', async (t) => {
  const folder = scratch(t.teardown)
  const made = (name: string) => {
    mkdirSync(join(folder, name))
    return join(folder, name)
  }
  const listening = async (path: string) => {
    const server = createServer().listen(path)
    await once(server, 'listening')
    return server
  }
  const used = await listening(join(made('libguestfsUsed00'), 'guestfsd.sock'))
  t.teardown(() => used.close())
  const gone = await listening(join(made('libguestfsGone00'), 'guestfsd.sock'))
  // A socket that is closed takes its name away, unless that is another one by then.
  renameSync(join(folder, 'libguestfsGone00/guestfsd.sock'), join(folder, 'libguestfsGone00/left.sock'))
  gone.close()
  await once(gone, 'close')
  writeFileSync(join(made('libguestfsFiles0'), 'notes'), '')
  made('libguestfs-other')
  made('libguestfsYoung0')
  for (const name of readdirSync(folder)) if (name !== 'libguestfsYoung0') utimesSync(join(folder, name), 1, 1)
  await clearLeftovers([folder])
  t.same(readdirSync(folder).sort(), ['libguestfs-other', 'libguestfsFiles0', 'libguestfsUsed00', 'libguestfsYoung0'])
})
