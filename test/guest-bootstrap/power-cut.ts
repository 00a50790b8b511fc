// A guest that takes a new tree and dies just before its Nth change of the disk. Arguments: root, N.
import { realFiles } from '../../guest-bootstrap/machine/real-files.ts'
import { realSystem } from '../../guest-bootstrap/machine/real-system.ts'
import { fetch } from '../../guest-bootstrap/stages/fetch.ts'
import type { Files } from '../../guest-bootstrap/system.ts'

const [root, last] = process.argv.slice(2)
const CHANGES: readonly (keyof Files)[] = ['write', 'create', 'extend', 'folder', 'point', 'symlink', 'rename', 'remove', 'own', 'flush']
let left = Number(last)

const real = realSystem(root!)
const files = realFiles(root!, real.run)
const dying = Object.fromEntries(
  Object.entries(files).map(([name, act]: [string, (...args: never[]) => unknown]) => [
    name,
    (...args: never[]) => {
      if (CHANGES.includes(name as keyof Files) && --left < 0) process.kill(process.pid, 'SIGKILL')
      return act(...args)
    },
  ]),
) as unknown as Files

await fetch.run({ ...real, files: dying })
process.exit(0)
