import { spawn } from 'node:child_process'
import { once } from 'node:events'
import t, { type Test } from 'tap'
import { BuildFailure } from '../../../image-builder/refusal.ts'
import type { Place } from '../../../image-builder/without-root/place.ts'
import { conversation } from '../../../image-builder/without-root/run-job.ts'

const START = { kind: 'start', job: 'plan', input: {}, as: { uid: 1, gid: 1, groups: [] }, mounts: [] } as const
const PLACE = { translate: (text: string) => text } as unknown as Place

/** Talks with a process that says this, and stays. */
async function talk(t: Test, says: string, asked = {}, signal?: AbortSignal): Promise<unknown> {
  const child = spawn(process.execPath, ['-e', `setInterval(() => {}, 1000); ${says}`], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  t.teardown(() => child.kill('SIGKILL'))
  const ended = once(child, 'close')
  try {
    return await conversation(child, START, PLACE, { asked, progress: { begin() {}, update() {}, done() {} }, signal })
  } finally {
    await ended // it was seen to
  }
}

t.test('a worker that speaks nonsense is ended', async (t) => {
  for (const said of ['{', 'null', '"result"', '{"kind":"failed"}', '{"kind":"begin","text":{"toString":1}}']) {
    await t.rejects(talk(t, `process.send(${JSON.stringify(said)})`), { constructor: BuildFailure, message: /spoke nonsense/ }, said)
  }
})

t.test('a worker that is killed is told of as such', async (t) => {
  await t.rejects(talk(t, 'process.kill(process.pid, "SIGKILL")'), { constructor: BuildFailure, message: /ended with SIGKILL/ })
})

t.test('a worker is answered what is in the list and nothing else, and nothing is made twice for it', async (t) => {
  let made = 0
  const asked = { units: async () => ({ made: ++made }) }
  const ask = (number: number, name: string) => `process.send(${JSON.stringify(JSON.stringify({ kind: 'ask', number, name, argument: '' }))});`
  const answers = await talk(
    t,
    `const heard = [];
     process.on('message', (text) => { const { number, value, failure } = JSON.parse(text); if (number === undefined) return; heard[number] = value ?? failure.message; if (heard.filter(Boolean).length === 3) process.send(JSON.stringify({ kind: 'result', value: heard }), () => process.exit()) });
     ${ask(0, 'units')} ${ask(1, 'units')} ${ask(2, 'constructor')}`,
    asked,
  )
  t.same(answers, [{ made: 1 }, { made: 1 }, 'nobody is asked for constructor'])
})
