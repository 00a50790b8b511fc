// Started by run-job.ts as root: gives root's rights up for good, and only then looks at an image. What it needs of this host is loaded, or mounted
// where it may look, before; for the rest it asks.
import { flushCompileCache } from 'node:module'
import '../libguestfs/libguestfs.ts' // it would be loaded later, when our own files may not be readable any more
import type { Progress } from '../wish.ts'
import { runTool, said } from '../run-tool.ts'
import { BuildFailure } from '../refusal.ts'
import { errorOf, failureOf } from './failure.ts'
import { JOBS, type Asked, type Job } from './jobs.ts'
import { decode, encode, type Order, type Said } from './messages.ts'
import { becomeForGood } from './somebody.ts'

const stop = new AbortController()
const waiting = new Map<number, PromiseWithResolvers<unknown>>()
let asked = 0

process.on('disconnect', () => process.exit(1)) // whoever started us was killed; our tools end with us
process.on('message', (text: string) => {
  const order = decode(text) as Order
  if (order.kind === 'start') void work(order)
  else if (order.kind === 'stop') stop.abort(new BuildFailure('it was ended before it was done'))
  else if (order.kind === 'answer') waiting.get(order.number)?.resolve(order.value)
  else waiting.get(order.number)?.reject(errorOf(order.failure))
})

async function work({ job, input, as, mounts }: Extract<Order, { kind: 'start' }>): Promise<void> {
  try {
    for (const { from, to } of mounts) {
      const ran = await runTool('mount', ['--bind', from, to], { cwd: '/' })
      if (ran.code !== 0) throw new BuildFailure(`${from} could not be shown to the part of the builder that has no rights: ${said(ran)}`)
    }
    flushCompileCache() // as root, who may write there
    becomeForGood(as)
    const result = await (JOBS[job as Job] as (input: unknown, hands: object) => Promise<unknown>)(input, { asked: asking, progress, signal: stop.signal })
    last({ kind: 'result', value: result })
  } catch (error) {
    last({ kind: 'failed', failure: failureOf(error) })
  }
}

const progress: Progress = {
  begin: (text) => tell({ kind: 'begin', text }),
  update: (text) => tell({ kind: 'update', text }),
  done: (text) => tell({ kind: 'done', text }),
}

const asking: Asked = {
  bundle: () => ask('bundle'),
  prebake: () => ask('prebake'),
  payload: (architecture) => ask('payload', architecture),
  units: () => ask('units'),
  tokenState: (id) => ask('tokenState', id),
}

function ask<T>(name: keyof Asked, argument = ''): Promise<T> {
  const answer = Promise.withResolvers<T>()
  const number = ++asked
  waiting.set(number, answer as PromiseWithResolvers<unknown>)
  tell({ kind: 'ask', number, name, argument })
  return answer.promise
}

function tell(message: Said): void {
  process.send!(encode(message))
}

/** After it nothing keeps this process. */
function last(message: Said): void {
  process.send!(encode(message), () => process.exit())
}
