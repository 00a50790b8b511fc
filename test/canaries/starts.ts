// Loaded into a Node process before all else (--import): writes down with which arguments and environment it starts others. Whoever may list
// processes sees these; to sample /proc would miss the short ones.
import childProcess from 'node:child_process'
import { appendFileSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

const file = process.env['CANARY_STARTS']!

const note = (start: object): void => appendFileSync(file, `${JSON.stringify(start)}\n`)

// Every asynchronous way of starting one ends here.
const prototype = (childProcess as unknown as { ChildProcess: { prototype: { spawn(options: { args: string[]; envPairs: string[] }): number } } }).ChildProcess.prototype
const { spawn } = prototype
prototype.spawn = function (options) {
  note({ args: options.args, environment: options.envPairs })
  return spawn.call(this, options)
}

for (const name of ['spawnSync', 'execFileSync', 'execSync'] as const) {
  const original = childProcess[name] as (...args: unknown[]) => unknown
  Object.assign(childProcess, { [name]: (...args: unknown[]): unknown => (note({ args }), original(...args)) })
}
syncBuiltinESMExports()
