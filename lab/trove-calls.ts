import { join } from 'node:path'
import { run } from './run.ts'

const SCRIPT = join(import.meta.dirname, 'python', 'trove_calls.py')
/** Python's start and Trove's imports take over a second; far more says that something hangs. */
const TIMEOUT_MS = 60_000

/** A verb of trove_calls.py, by Debian's own Python: the one that has Trove. */
export async function troveCall<Answer>(verb: 'tables' | 'setup' | 'create' | 'prepare' | 'ask' | 'time_out', troveConf: string, args: object): Promise<Answer> {
  const out = await run(['/usr/bin/python3', '-W', 'ignore', SCRIPT, verb, '--config-file', troveConf], {
    env: { PATH: '/usr/bin:/bin', LANG: 'C.UTF-8', HOME: '/nonexistent' },
    input: JSON.stringify(args),
    timeoutMs: TIMEOUT_MS,
  })
  return JSON.parse(out) as Answer
}
