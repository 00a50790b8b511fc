import { execFileSync } from 'node:child_process'
import { chownSync, existsSync, linkSync, lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { placeFor, publish } from '../../../image-builder/without-root/place.ts'
import { endsWellAs, somebody } from '../../../image-builder/without-root/somebody.ts'
import { BuildFailure } from '../../../image-builder/refusal.ts'
import { scratch } from '../small-image.ts'

const root = process.geteuid!() === 0
const MADE = 'out.qcow2'

/** Each puts something else in the place of what should have been made. @param precious root's, and nobody else's */
const HOSTILE: Readonly<Record<string, (made: string, uid: number, precious: string) => void>> = {
  'a link to a file of root': (made, _uid, precious) => symlinkSync(precious, made),
  'a second name of a file of root': (made, _uid, precious) => linkSync(precious, made),
  'a second name of its own file': (made, uid) => (own(made, uid), linkSync(made, `${made}.again`)),
  'a folder': (made, uid) => (mkdirSync(made), chownSync(made, uid, uid)),
  'a pipe': (made, uid) => (execFileSync('mkfifo', [made]), chownSync(made, uid, uid)),
  'nothing': () => {},
}

function own(path: string, uid: number): void {
  writeFileSync(path, 'made')
  chownSync(path, uid, uid)
}

async function placed(t: Test) {
  const folder = scratch(t.teardown.bind(t))
  const precious = join(folder, 'precious')
  writeFileSync(precious, 'dear', { mode: 0o600 })
  const worker = await somebody()
  return { folder, precious, worker, out: join(folder, MADE) }
}

t.test('what the worker made becomes root\'s own; what it puts there instead is not taken, and nothing of root is touched', async (t) => {
  if (!root) return t.pass('an ordinary user has nothing to give up')
  for (const [what, plant] of Object.entries(HOSTILE)) {
    const { folder, precious, worker, out } = await placed(t)
    await (async () => {
      await using place = await placeFor(worker, folder, true)
      plant(join(place.ours, MADE), worker.uid, precious)
      await t.rejects(publish(place, worker, out), BuildFailure, what)
    })()
    t.notOk(existsSync(out), what)
    const { uid, mode } = lstatSync(precious)
    t.same([readFileSync(precious, 'utf8'), uid, mode & 0o7777], ['dear', 0, 0o600], what)
    t.same(readdirSync(folder), ['precious'], `${what}: nothing is left`)
  }
  const { folder, worker, out } = await placed(t)
  await using place = await placeFor(worker, folder, true)
  own(join(place.ours, MADE), worker.uid)
  own(join(place.ours, `${MADE}.json`), worker.uid)
  await publish(place, worker, out)
  for (const [path, mode] of [[out, 0o600], [`${out}.json`, 0o644]] as const) t.match(lstatSync(path), { uid: 0, gid: 0, mode: 0o100000 | mode }, path)
})

t.test('the worker writes in its own folder alone; a folder that it leaves full of links is cleared without following one', async (t) => {
  if (!root) return t.pass('an ordinary user has nothing to give up')
  const { folder, precious, worker } = await placed(t)
  const theirs = join(folder, 'somebody-elses')
  mkdirSync(theirs)
  writeFileSync(join(theirs, 'file'), 'dear')
  execFileSync('chmod', ['755', folder])
  await (async () => {
    await using place = await placeFor(worker, folder, false)
    t.equal(await endsWellAs(worker, 'test', ['-w', place.ours]), true)
    for (const path of [folder, join(place.ours, '..'), theirs]) t.equal(await endsWellAs(worker, 'test', ['-w', path]), false, path)
    t.equal(await endsWellAs(worker, 'test', ['-r', precious]), false)
    t.equal(await endsWellAs(worker, 'ln', ['-s', theirs, join(place.ours, 'link')]), true)
    t.equal(await endsWellAs(worker, 'mkdir', ['-p', join(place.ours, 'a/b')]), true)
    t.equal(await endsWellAs(worker, 'ln', ['-s', '/', join(place.ours, 'a/b/root')]), true)
  })()
  t.same(readdirSync(folder).sort(), ['precious', 'somebody-elses'])
  t.same(readdirSync(theirs), ['file'])
})

t.test('where the worker could not enter and there are no mounts, it is said what to type', async (t) => {
  if (!root) return t.pass('an ordinary user has nothing to give up')
  const { folder, worker } = await placed(t)
  await t.rejects(placeFor(worker, folder, false), { message: /cannot be entered without root's rights.*ordinary user/ })
  t.same(readdirSync(folder), ['precious'])
})
