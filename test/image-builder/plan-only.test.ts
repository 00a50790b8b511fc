import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import t from 'tap'
import { buildImage, planImage } from '../../image-builder/build-image.ts'
import { debugfs, elf, PUBLIC_KEY, quiet, scratch, smallImage, TOKEN, wishFor } from './small-image.ts'

const left = () => readdirSync(tmpdir()).filter((name) => name.startsWith(`.trovestrap-build-${process.pid}-`))

t.test('a plan is what the build then does, and nothing was made for it', async (t) => {
  const folder = scratch(t.teardown)
  const wish = wishFor(folder, smallImage(folder), { debugUser: { name: 'ann', sshKeys: [PUBLIC_KEY], passwordHash: '$6$salt$hash' }, sysprep: true })
  const before = readFileSync(wish.base)
  const names = readdirSync(folder)
  const steps: string[] = []
  const plan = await planImage(wish, { ...quiet, begin: (step) => void steps.push(step) })
  t.same(steps, ['base image', 'look inside', 'plan'])
  t.same(readdirSync(folder), names)
  t.same(left(), [])
  t.ok(readFileSync(wish.base).equals(before))
  t.notMatch(JSON.stringify(plan), new RegExp(`${TOKEN.split('.')[1]!}|\\$6\\$`), 'contents are named by their digests')

  const built = await buildImage(wish, quiet)
  t.match(plan, { os: built.os, way: 'direct', content: built.content, warnings: built.warnings })
  t.same(plan.changes.map(({ line }) => line), built.changes)
  const paths = plan.changes.filter(({ kind }) => kind !== 'remove').map(({ path }) => String(path))
  const stats = debugfs(folder, wish.out, paths.map((path) => `stat ${path}`))
  t.equal(stats.match(/^Inode: /gm)?.length, paths.length, 'every path of it is in the image')
})

t.test('what a build refuses, a plan refuses too', async (t) => {
  const folder = scratch(t.teardown)
  const full = smallImage(folder, { tree: { 'var/ballast': Buffer.alloc(48 * 2 ** 20, 1) } })
  const wish = wishFor(folder, full)
  writeFileSync(wish.node!, Buffer.concat([elf(62), Buffer.alloc(8 * 2 ** 20, 2)]))
  await t.rejects(planImage(wish, quiet), { name: 'ImageRefusal', message: /bytes are missing\. Type: --grow \+1G/ })
  t.same(left(), [])
})
