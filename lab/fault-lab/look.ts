import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Evidence } from '../../diagnosis/evidence.ts'
import { CommandFailed } from '../run.ts'
import type { Bench } from './bench.ts'
import type { LabFault } from './lab-fault.ts'
import type { Watched } from './sight.ts'

/** Exit codes with which diagnose has done its work. */
const DONE = /exit status (3|4)$/m

/** `trovestrap diagnose` as an operator types it, with everything that this host can show. @returns what it saw, and its seconds as a process */
export async function lookedAt(bench: Bench, fault: LabFault, { guest, from }: Watched): Promise<{ evidence: Evidence; took: number }> {
  const { logs } = bench.scene.controlPlane
  const file = join(bench.dir, 'evidence.json')
  const ways = guest === undefined ? [] : ['--console', await consoleSince(bench, fault, guest, from), '--ssh', `${bench.scene.debug.user}@127.0.0.1:${guest.sshPort}`, '--ssh-key', bench.scene.debug.keyFile]
  const command = [
    ...['trovestrap', 'diagnose', bench.instance.id, '--json', '--save', file],
    ...['--rabbitmq-log', logs.rabbitmq, '--conductor-log', logs.conductor, '--taskmanager-log', logs.taskmanager],
    ...ways,
  ]
  const began = performance.now()
  await bench.host(`${command.map((word) => `'${word}'`).join(' ')} > diagnosis.json`).catch((error: unknown) => {
    if (!(error instanceof CommandFailed) || !DONE.test(error.message)) throw error
  })
  const took = (performance.now() - began) / 1000
  return { evidence: JSON.parse(await readFile(file, 'utf8')) as Evidence, took }
}

/** What the console of such a guest would hold: its boot, and all since it was let go. */
async function consoleSince(bench: Bench, fault: LabFault, guest: Watched['guest'] & object, from: number): Promise<string> {
  const path = join(bench.dir, 'console.log')
  const boot = fault.from === 'boot' ? [] : [bench.held.booted]
  await writeFile(path, [...boot, ...guest.console.text().split('\n').slice(from)].join('\n'))
  return path
}
