// `npm run test:killed [-- COUNT [SEED]]`: builds of which one process is killed with -9 at a random moment, COUNT for each kind of process (30):
// BASE is untouched, nothing is left, and the next build works. `npm test` runs a small share of it.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { killedBuilds, VICTIMS } from './killed-builds.ts'

const [count = '30', seed = '1'] = process.argv.slice(2)
const folder = mkdtempSync(join(tmpdir(), 'killed-builds-'))
const ways = new Map<string, number>()
let [passed, failed] = [0, 0]
try {
  for await (const { number, victim, step, hit, how, wrong } of killedBuilds(folder, Number(count) * VICTIMS.length, Number(seed))) {
    const kind = `${victim} ${hit ? `killed at "${step}"` : 'had ended before'}: ${how.split('\n')[0]!.replaceAll(/\b\d+\b/g, 'N')}`
    ways.set(kind, (ways.get(kind) ?? 0) + 1)
    if (wrong === undefined) passed++
    else {
      failed++
      console.log(`not ok ${number} ${victim} at "${step}": ${wrong}`)
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
for (const [kind, times] of [...ways].sort()) console.log(`${String(times).padStart(5)}  ${kind}`)
console.log(`${passed} passed, ${failed} failed, 0 skipped`)
process.exitCode = failed === 0 ? 0 : 1
