// Enrols, then reports without end; says each number on stdout once the store has acknowledged it. Killed from outside.
import { writeSync } from 'node:fs'
import { openStore } from '../../../host-server/store/open-store.ts'
import { reportOf } from './report-of.ts'

const [file, instance, run] = process.argv.slice(2) as [string, string, string]
const store = openStore(file)
store.instances.enrol({ instance, admitted: 'a test', key: '0'.repeat(64), expires: new Date(Date.now() + 1e6), address: '10.0.2.15' }, new Date())
for (let seq = 1; ; seq++) {
  store.reports.add(instance, [reportOf(seq, { run })], '10.0.2.15', new Date())
  writeSync(1, `${seq}\n`)
}
