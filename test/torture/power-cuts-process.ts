// The share of `npm test`: the stage that swaps trees, as a process that is killed at random changes of its disk; what it had not flushed
// until then is lost, wholly or in part.
import { spawn } from 'node:child_process'
import { rmSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { Test } from 'tap'
import { GUEST } from '../../contract/paths.ts'
import { treeOf } from '../../contract/source-tree.ts'
import { MEMORY, remember } from '../../guest-bootstrap/memory.ts'
import { fetch } from '../../guest-bootstrap/stages/fetch.ts'
import { currentManifest } from '../../guest-bootstrap/tree/current.ts'
import { isWholeTree } from '../../guest-bootstrap/tree/whole-tree.ts'
import { INSTANCE, machine, type Machine } from '../guest-bootstrap/machine.ts'
import { signedTree, SIGNING_KEYS, type SignedTree } from '../guest-bootstrap/signed-tree.ts'
import { tlsHost } from '../guest-bootstrap/tls-host.ts'
import type { Cut } from './power-cuts.ts'
import type { TortureRun } from './torture.ts'

const CUTS = 12
const CHILD = join(import.meta.dirname, '../guest-bootstrap/power-cut.ts')
const OLD = signedTree({ 'trove/a.py': 'old a\n', 'trove/b.py': 'old b\n', 'trove/same.py': 'same\n' })
const NEW = signedTree({ 'trove/a.py': 'new a\n', 'trove/b.py': 'new b\n', 'trove/c.py': '-> b.py', 'trove/same.py': 'same\n' })

export async function cutProcesses({ random, say }: TortureRun): Promise<Cut[]> {
  await using stack = new AsyncDisposableStack()
  const t = { teardown: (act: () => void) => stack.defer(act) } as unknown as Test
  const host = { served: OLD }
  const { url, ca } = await tlsHost(t, (request, response) => void response.end(request.url === '/v1/manifest' ? host.served.body : host.served.pack))
  const fresh = async (doing: Cut['doing']): Promise<Machine> => {
    const it = machine(t, { ca })
    remember(it.system.files, MEMORY.enrolment, { instance: INSTANCE, secret: 's'.repeat(43), granted: { instance: INSTANCE, expires: '2030-01-01', signing_keys: [...SIGNING_KEYS], at: 0 } })
    boot(it, url)
    host.served = OLD
    if (doing === 'newer tree') await fetch.run(it.system)
    host.served = NEW
    return it
  }
  const changes = { 'first tree': await changesOf(await fresh('first tree')), 'newer tree': await changesOf(await fresh('newer tree')) }
  const cuts: Cut[] = []
  for (let number = 1; number <= CUTS; number++) {
    const doing = number % 2 === 0 ? 'newer tree' : 'first tree'
    const it = await fresh(doing)
    const last = Math.floor(random() * changes[doing])
    const log = await dyingFetch(it, last)
    lose(it, log, random)
    const trouble = await nextBoot(it, url, doing)
    cuts.push({ number, doing, at: `change ${last} of ${changes[doing]}`, ...(trouble === undefined ? {} : { trouble }) })
    say(`${doing}, change ${last} of ${changes[doing]}: ${trouble ?? 'whole'}`)
  }
  return cuts
}

function boot({ system: { files } }: Machine, url: string): void {
  remember(files, MEMORY.identity, { instance: INSTANCE, urls: [url], source: '' })
  remember(files, MEMORY.host, { url, uptime: 0 })
}

interface Logged {
  readonly dirty?: string
  readonly clean?: string
  readonly from?: string
  readonly to?: string
  readonly changes?: number
}

/** Standard error is not read: a process that is killed leaves nothing there, one that fails leaves no `changes`. */
async function dyingFetch({ root }: Machine, last: number): Promise<Logged[]> {
  const child = spawn(process.execPath, [CHILD, root, String(last)], { stdio: ['ignore', 'pipe', 'ignore'] })
  return (await text(child.stdout)).split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as Logged)
}

async function changesOf(it: Machine): Promise<number> {
  const changes = (await dyingFetch(it, Number.MAX_SAFE_INTEGER)).at(-1)?.changes
  if (changes === undefined) throw new Error('a fetch that nobody cuts did not come to its end')
  return changes
}

/** What no flush has covered is gone, cut short, or there, by chance. */
function lose({ root, system: { files } }: Machine, log: readonly Logged[], random: () => number): void {
  let dirty: string[] = []
  for (const { dirty: path, clean, from, to } of log) {
    if (path !== undefined) dirty.push(path)
    if (clean !== undefined) dirty = dirty.filter((path) => !path.startsWith(clean))
    if (from !== undefined) dirty = dirty.map((path) => (path.startsWith(from) ? to + path.slice(from.length) : path))
  }
  for (const path of new Set(dirty)) {
    const size = files.stat(path)?.size
    const chance = random()
    if (size === undefined || chance > 0.8) continue
    if (chance < 0.3) rmSync(join(root, path))
    else truncateSync(join(root, path), Math.floor(random() * size))
  }
}

/** @returns what is wrong */
async function nextBoot(it: Machine, url: string, doing: Cut['doing']): Promise<string | undefined> {
  const { files } = it.system
  files.remove('/run')
  const kept = currentManifest(files)
  const allowed: readonly (SignedTree | undefined)[] = doing === 'newer tree' ? [OLD, NEW] : [undefined, NEW]
  if (!allowed.some((tree) => tree?.manifest.revision === kept?.manifest.revision)) return `after the cut the live tree is ${kept?.manifest.revision ?? 'none'}`
  if (kept && !isWholeTree(files, treeOf(kept.manifest.revision), kept.manifest)) return 'after the cut the live tree is not whole'
  boot(it, url)
  // A part of a pack that is not what it should be costs one more try.
  await fetch.run(it.system).catch(() => fetch.run(it.system))
  const now = currentManifest(files)
  if (now?.manifest.revision !== NEW.manifest.revision || !isWholeTree(files, treeOf(NEW.manifest.revision), NEW.manifest)) return 'the next boot did not bring the tree'
  const left = files.list(GUEST.source).filter((name) => name.startsWith('.'))
  return left.length === 0 ? undefined : `left behind: ${left.join(', ')}`
}
