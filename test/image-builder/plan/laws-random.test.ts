import t from 'tap'
import { planStrip } from '../../../image-builder/plan/plan-strip.ts'
import { ImageRefusal } from '../../../image-builder/refusal.ts'
import { debianWith, LAYOUTS } from './layouts.ts'
import { applied, listing, type Planted } from './memory-tree.ts'
import { ANN, built, PREBAKE } from './parts.ts'

/** The same numbers for the same seed (mulberry32). */
function numbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let value = Math.imul(state ^ (state >>> 15), 1 | state)
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32
  }
}

const WISH = { debugUser: ANN, prebake: PREBAKE }

t.test('whatever stands at paths of ours before, it is there again after a strip, and building again comes to the same', async (t) => {
  const { plan } = await built(LAYOUTS['debian']!(), WISH)
  const paths = plan.record.put.filter(({ path }) => !path.endsWith('.wants')).map(({ path, kind }) => [path, kind] as const)
  let [kept, refused] = [0, 0]
  for (let seed = 1; seed <= 300; seed++) {
    const next = numbers(seed)
    const pick = <T>(...from: readonly T[]): T => from[Math.floor(next() * from.length)]!
    const owner = () => ({ mode: pick(0o600, 0o644, 0o755, 0o1777, 0o4755), uid: pick(0, 5, 1000), gid: pick(0, 5, 1000) })
    const planted: Record<string, Planted> = {}
    for (const [path, kind] of paths) {
      if (next() > 0.12 || Object.keys(planted).some((above) => path.startsWith(`${above}/`) && !(typeof planted[above] === 'object' && 'folder' in planted[above]))) continue
      const folder = (kind === 'folder') !== next() < 0.01
      planted[path] = folder ? { folder: true, ...owner() } : pick<Planted>({ text: `of somebody ${seed}`, ...owner() }, `-> ${pick('/nowhere', '../x', '/etc/passwd')}`)
      if (folder && next() < 0.3) {
        // A folder behind a link: one of its own, one that others are led to as well, or none.
        const [to, there] = pick([`/srv/${Object.keys(planted).length}`, true], ['/srv/all', true], ['/srv/none', false])
        planted[path] = `-> ${to}`
        if (there) planted[to] = { folder: true, ...owner() }
        if (there && next() < 0.5) planted[`${to}/something`] = 'of somebody'
      } else if (folder && next() < 0.4) planted[`${path}/something`] = { text: 'else', ...owner() }
    }
    const base = debianWith(planted)
    try {
      const once = await built(base, WISH)
      if (JSON.stringify(listing(applied(once.tree, (await planStrip(once.tree)).changes))) !== JSON.stringify(listing(base))) t.fail(`seed ${seed}: stripping does not give the base back`)
      const again = await built(once.tree, WISH)
      if (JSON.stringify(listing(again.tree)) !== JSON.stringify(listing(once.tree))) t.fail(`seed ${seed}: building again gives something else`)
      kept++
    } catch (error) {
      if (!(error instanceof ImageRefusal)) throw new Error(`seed ${seed}`, { cause: error })
      refused++
    }
  }
  t.ok(kept > 200 && refused > 5, `${kept} built, ${refused} refused`)
})
