// Changes the CA of a state folder again and again; a line on stdout before each change. Killed from outside.
import { writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { initialise } from '../../../host-server/pki/initialise.ts'
import { settingsOf } from '../settings-of.ts'

const settings = settingsOf(dirname(process.argv[2]!))
for (;;) {
  writeSync(1, '\n')
  await initialise(settings, { newCa: true })
}
