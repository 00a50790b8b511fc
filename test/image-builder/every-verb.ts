// Does everything that the image builder can do, as whoever runs it: every-verb.ts BASE CA FOLDER. Prints what came out as JSON.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildImage, planImage } from '../../image-builder/build-image.ts'
import { changeDebugUser } from '../../image-builder/change-debug-user.ts'
import { checkImage } from '../../image-builder/check/check-image.ts'
import { diffTrees } from '../../image-builder/diff/diff-trees.ts'
import { inspectImage } from '../../image-builder/inspect-image.ts'
import { openForReading } from '../../image-builder/open-image.ts'
import { stripImage } from '../../image-builder/strip-image.ts'
import { PUBLIC_KEY, quiet, wishFor } from './small-image.ts'

const [base, ca, folder] = process.argv.slice(2) as [string, string, string]
const way = 'direct'
const wish = wishFor(folder, base, { ca: readFileSync(ca, 'utf8'), way })
const named = (name: string) => join(folder, name)

const plan = await planImage(wish, quiet)
const built = await buildImage(wish, quiet)
const withUser = await changeDebugUser({ base: wish.out, out: named('with-user.qcow2'), way }, { kind: 'set', user: { name: 'ann', sshKeys: [PUBLIC_KEY] } }, quiet)
const stripped = await stripImage({ base: wish.out, out: named('clean.qcow2'), way }, quiet)
const { record, altered, enabled } = await inspectImage(wish.out, { way })

const result = { planned: plan.content, built: built.content, put: record.put, altered, enabled, withUser: withUser.changes, stripped: stripped.changes }
const differences = async (one: string, other: string) => {
  await using first = await openForReading(one, { way })
  await using second = await openForReading(other, { way })
  const found = []
  for await (const difference of diffTrees(first.tree, second.tree)) found.push(difference)
  return found
}
const findings = async () => {
  await using image = await openForReading(wish.out, { way })
  return await checkImage(image.tree, { space: image.space, now: new Date(0), injectedOwner: 'ubuntu', databaseUid: 1001 })
}
const seen = { findings: await findings(), put: await differences(base, wish.out), left: await differences(base, named('clean.qcow2')) }
process.stdout.write(JSON.stringify({ uid: process.geteuid!(), result: { ...result, ...seen } }))
