// The measurement of transfer.ts: a process of its own, with the folder to work in, and its disk.
import { join } from 'node:path'
import { benchHost } from './bench-host.ts'
import { firstRequests } from './first-request.ts'
import { guestProgram } from './guest-program.ts'
import { mountDisk } from './own-disk.ts'
import { archiveTar } from './peers/nginx.ts'
import { rsync } from './peers/rsync.ts'
import { trovestrap } from './peers/trovestrap.ts'
import { wget } from './peers/wget.ts'
import { rounds, type Condition, type Measured } from './transfer-rounds.ts'
import { transferText } from './transfer-text.ts'
import { troveTrees } from './trees.ts'

const LOOPBACK: Condition = { name: 'loopback', rounds: 9 }
const FAR: Condition = { name: '20 ms round trip', link: { delayMs: 10 }, rounds: 3 }
const CONDITIONS: readonly Condition[] = [
  LOOPBACK,
  { name: '1 ms round trip', link: { delayMs: 0.5 }, rounds: 5 },
  FAR,
  { name: '10 Mbit/s', link: { bytesPerSecond: 1_250_000 }, rounds: 3 },
]
const STARTS = 15

const [folder, image] = process.argv.slice(2) as [string, string?]
const memory = mountDisk(folder, image)
process.stdout.write(await measure())

async function measure(): Promise<string> {
  await using stack = new AsyncDisposableStack()
  const trees = await troveTrees(folder)
  const host = stack.use(await benchHost(join(folder, 'host'), trees.before))
  const program = await guestProgram(folder, join(import.meta.dirname, 'transfer-guest.ts'))
  const ours = await trovestrap(host, program, trees, memory)
  const peers = { wget: stack.use(await wget(folder, trees)), rsync: stack.use(await rsync(folder, trees)), archive: stack.use(await archiveTar(folder, trees, 'curl')) }
  const flushed = stack.use(await archiveTar(folder, trees, 'curl, flushed'))
  const node = stack.use(await archiveTar(folder, trees, 'Node'))
  const ways = [ours.started, ours.running, peers.archive, flushed, node, peers.rsync, peers.wget]
  const measured = new Map<Condition, Measured>()
  for (const condition of CONDITIONS) measured.set(condition, await rounds(folder, ways, trees, condition, tell))
  tell('from the start of the daemon to its first request')
  const starts = await firstRequests(folder, program, STARTS, memory)
  return transferText({ ways: { ...ours, ...peers, flushed, node }, measured, loopback: LOOPBACK, far: FAR, starts, ownDisk: memory !== undefined })
}

function tell(text: string): void {
  process.stderr.write(`${text}\n`)
}
