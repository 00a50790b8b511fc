// A guest that takes a new tree and dies just before its Nth change of the disk. Arguments: root, N. On standard output stands what a power
// cut may take from the disk, one JSON object a line: files that were written and not flushed.
import { writeSync } from 'node:fs'
import { realFiles } from '../../guest-bootstrap/machine/real-files.ts'
import { realSystem } from '../../guest-bootstrap/machine/real-system.ts'
import { fetch } from '../../guest-bootstrap/stages/fetch.ts'
import type { Files } from '../../guest-bootstrap/system.ts'

const [root, last] = process.argv.slice(2)
const CHANGES: readonly (keyof Files)[] = ['write', 'create', 'extend', 'share', 'folder', 'point', 'symlink', 'rename', 'remove', 'own', 'flush']
let left = Number(last)

const real = realSystem(root!)
const files = realFiles(root!, real.run)
const dying = Object.fromEntries(
  Object.entries(files).map(([name, act]: [string, (...args: never[]) => unknown]) => [
    name,
    (...args: never[]) => {
      if (CHANGES.includes(name as keyof Files) && --left < 0) process.kill(process.pid, 'SIGKILL')
      if (name === 'create' || name === 'extend') writeSync(1, `${JSON.stringify({ dirty: args[0] })}\n`)
      const done = act(...args)
      if (name === 'flush') void (done as Promise<void>).then(() => writeSync(1, `${JSON.stringify({ clean: args[0] })}\n`))
      if (name === 'rename') writeSync(1, `${JSON.stringify({ from: args[0], to: args[1] })}\n`)
      return done
    },
  ]),
) as unknown as Files

await fetch.run({ ...real, files: dying })
writeSync(1, `${JSON.stringify({ changes: Number(last) - left })}\n`)
process.exit(0)
