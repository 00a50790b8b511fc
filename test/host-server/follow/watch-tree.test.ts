import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { watchTree } from '../../../host-server/follow/watch-tree.ts'

interface Watched {
  readonly root: string
  readonly count: () => number
  /** Resolves when it was called so often in all. */
  calls(number: number): Promise<void>
}

async function watched(t: Test, tree: object, during: () => Promise<void> = async () => {}): Promise<Watched> {
  const root = t.testdir(tree as Record<string, string>)
  let count = 0
  let heard = () => {}
  const watching = watchTree(root, async () => {
    count++
    heard()
    await during()
  }, (why) => t.fail(why))
  t.teardown(() => watching.close())
  await watching.ready
  return {
    root,
    count: () => count,
    async calls(number) {
      while (count < number) await new Promise<void>((resolve) => (heard = resolve))
    },
  }
}

t.test('a burst of writes is one change', async (t) => {
  const { root, calls, count } = await watched(t, { trove: { 'a.py': '' } })
  for (let i = 0; i < 40; i++) {
    writeFileSync(join(root, 'trove', `b${i}.py`), 'x')
    await pause(2)
  }
  renameSync(join(root, 'trove', 'b1.py'), join(root, 'trove', 'a.py'))
  await calls(1)
  writeFileSync(join(root, 'trove', 'a.py'), 'y')
  await calls(2)
  t.equal(count(), 2)
})

t.test('folders that come later are watched too', async (t) => {
  const { root, calls } = await watched(t, { trove: {} })
  mkdirSync(join(root, 'trove', 'new', 'deep'), { recursive: true })
  await calls(1)
  writeFileSync(join(root, 'trove', 'new', 'deep', 'a.py'), 'x')
  await calls(2)
})

t.test("git's own folder and Python's caches are no change", async (t) => {
  const { root, calls, count } = await watched(t, { '.git': {}, trove: { __pycache__: {} } })
  writeFileSync(join(root, '.git', 'index.lock'), 'x')
  writeFileSync(join(root, 'trove', '__pycache__', 'a.pyc'), 'x')
  await pause(150)
  writeFileSync(join(root, 'trove', 'a.py'), 'x')
  await calls(1)
  t.equal(count(), 1)
})

t.test('what changes meanwhile is told afterwards, never twice at once', async (t) => {
  let running = 0
  const gate = Promise.withResolvers<void>()
  const { root, calls } = await watched(t, { trove: {} }, async () => {
    t.equal(++running, 1)
    await gate.promise
    running--
  })
  writeFileSync(join(root, 'trove', 'a.py'), '1')
  await calls(1)
  writeFileSync(join(root, 'trove', 'a.py'), '2')
  await pause(150)
  gate.resolve()
  await calls(2)
})
