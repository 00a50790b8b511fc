// `npm run test:damaged [-- COUNT [SEED]]`: builds upon damaged images: never a hang, a crash or a changed BASE, and OUT only when it is sound.
// Two or three a second; `npm test` runs a small share of it.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { damagedBuilds } from './damaged-builds.ts'

const [count = '400', seed = '1'] = process.argv.slice(2)
const folder = mkdtempSync(join(tmpdir(), 'damaged-images-'))
const hows = new Map<string, number>()
let failed = 0
try {
  for await (const { number, damage, how, wrong } of damagedBuilds(folder, Number(count), Number(seed))) {
    const kind = how.replace(/[\d"'].*$/, '').slice(0, 70).trim()
    hows.set(kind, (hows.get(kind) ?? 0) + 1)
    if (wrong === undefined) continue
    failed++
    console.log(`not ok ${number} ${damage}: ${wrong}\n    ${how}`)
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
for (const [kind, times] of [...hows].sort((one, other) => other[1] - one[1])) console.log(`${String(times).padStart(5)}  ${kind}`)
console.log(`${Number(count) - failed} passed, ${failed} failed, 0 skipped`)
process.exitCode = failed === 0 ? 0 : 1
