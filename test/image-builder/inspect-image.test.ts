import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import t from 'tap'
import { buildImage } from '../../image-builder/build-image.ts'
import { inspectImage } from '../../image-builder/inspect-image.ts'
import { debugfs, PUBLIC_KEY, quiet, scratch, smallImage, TOKEN, wishFor } from './small-image.ts'

t.test('inspect tells what was put in, never a secret, and what was altered since', async (t) => {
  const folder = scratch(t.teardown)
  const base = smallImage(folder)
  const wish = wishFor(folder, base, { debugUser: { name: 'ann', sshKeys: [PUBLIC_KEY], passwordHash: '$6$salt$hash' } })
  await buildImage(wish, quiet)
  const seen = await inspectImage(wish.out)
  t.match(seen, {
    image: 'out.qcow2',
    enabled: true,
    altered: [],
    record: { version: '0.1.0', base: { name: 'base.qcow2', sha256: createHash('sha256').update(readFileSync(base)).digest('hex') }, urls: wish.urls, token: 'abc123', agent_user: 'trove', debug_user: 'ann', architecture: 'x64' },
  })
  t.notMatch(JSON.stringify(seen), new RegExp(`${TOKEN.split('.')[1]!}|\\$6\\$`))

  debugfs(folder, wish.out, ['sif /etc/trovestrap/guest.json mode 0100644', 'rm /etc/systemd/system/multi-user.target.wants/trovestrap-guest.service', 'rm /opt/trovestrap/guest-bootstrap.mjs', 'rm /etc/trovestrap/ca.pem', 'write /etc/hostname /etc/trovestrap/ca.pem', 'sif /etc/trovestrap/ca.pem mode 0100644'], { write: true })
  const after = await inspectImage(wish.out)
  t.equal(after.enabled, false)
  t.same(after.altered, [
    { path: '/etc/systemd/system/multi-user.target.wants/trovestrap-guest.service', how: 'is missing' },
    { path: '/etc/trovestrap/ca.pem', how: 'has other content' },
    { path: '/etc/trovestrap/guest.json', how: 'is 0644 0:0, was 0600 0:0' },
    { path: '/opt/trovestrap/guest-bootstrap.mjs', how: 'is missing' },
  ])
})

t.test('an image without anything of ours says so', async (t) => {
  await t.rejects(inspectImage(smallImage(scratch(t.teardown))), { name: 'ImageRefusal', message: /has nothing of ours in it/ })
})
