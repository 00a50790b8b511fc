// Replaces two files of a folder together again and again; a line on stdout after each time. Killed from outside.
import { writeSync } from 'node:fs'
import { replaceTogether } from '../../../host-server/pki/replace-together.ts'

const folder = process.argv[2]!
for (let time = Date.now(); ; time++) {
  replaceTogether(folder, ['a', 'b'].map((name) => ({ name, content: String(time) })))
  writeSync(1, '\n')
}
