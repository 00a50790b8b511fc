import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { stateFolder } from '../host-server/state-folder.ts'
import { removeTree } from '../lab/remove-tree.ts'
import { benchHost } from './bench-host.ts'
import { guestProgram } from './guest-program.ts'
import { layGuest } from './guest-root.ts'
import { median } from './statistics.ts'
import { troveTrees } from './trees.ts'

const ROUNDS = 20
const WANTED_MS = 300
const INSTANCE = '5b2d1f3e-0000-4000-8000-0000000000aa'

/** From a save on the host to the new agent's process in a guest, a process of its own on this machine. */
export async function follow(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'follow-'))
  try {
    const { before: tree } = await troveTrees(join(folder, 'trees'))
    await using host = await benchHost(join(folder, 'host'), tree, { follow: true })
    const token = (await host.trovestrap(['token', 'create'])).trim()
    const root = join(folder, 'guest')
    await mkdir(root)
    layGuest(root, { instance: INSTANCE, url: `https://127.0.0.1:${new URL(host.url).port}`, ca: await readFile(stateFolder(host.state).ca, 'utf8'), token })
    await mkdir(join(root, 'usr', 'bin'), { recursive: true })
    await writeFile(join(root, 'usr', 'bin', 'python3'), '')
    await writeFile(join(root, 'etc', 'passwd'), `trove:x:${process.getuid!()}:${process.getgid!()}::/:/bin/false\n`)
    const { node, bundle } = await guestProgram(folder, join(import.meta.dirname, 'follow-guest.ts'))
    const guest = spawn(node, [bundle, root], { stdio: ['ignore', 'pipe', 'inherit'] })
    const lines = createInterface({ input: guest.stdout })[Symbol.asyncIterator]()
    const until = async (...patterns: RegExp[]): Promise<string[]> => {
      const seen: string[] = []
      for (;;) {
        const { value, done } = await lines.next()
        if (done) throw new Error(`the guest ended before ${patterns.join(', ')}: ${seen.join(' | ')}`)
        seen.push(value)
        if (patterns.every((pattern) => pattern.test(seen.join('\n')))) return seen
      }
    }
    await until(/^ready done/m)
    const rounds: { started: number; ready: number; fetched: number }[] = []
    for (let round = 1; round <= ROUNDS; round++) {
      const saved = Date.now()
      await writeFile(join(tree, 'trove', 'version.py'), `ROUND = ${round}\n`)
      const seen = await until(/^ready done/m, new RegExp(`ROUND = ${round}$`, 'm'))
      const at = (pattern: RegExp): number => Number(pattern.exec(seen.join('\n'))?.[1]) - saved
      rounds.push({ fetched: at(/^fetch done (\d+)/m), started: at(new RegExp(`^agent ([\\d.]+) ROUND = ${round}$`, 'm')), ready: at(/^ready done (\d+)/m) })
    }
    guest.kill('SIGKILL')
    const of = (part: keyof (typeof rounds)[number]): string => `${Math.round(median(rounds.map((one) => one[part])))} ms`
    const all = rounds.map(({ started }) => started).sort((a, b) => a - b)
    return `Trove's tree, one module saved on the host; the guest is a process of this machine (there is no KVM here), with a Python process in place of the agent, started by what stands in for systemd.

| figure | measured | wanted |
|---|---|---|
| save on the host to the tree in place in the guest, median of ${ROUNDS} | ${of('fetched')} | - |
| save on the host to the first line of the new agent process, median of ${ROUNDS} | ${of('started')} | under ${WANTED_MS} ms |
| the same, fastest and slowest | ${Math.round(all[0]!)} ms, ${Math.round(all.at(-1)!)} ms | - |
`
  } finally {
    await removeTree(folder)
  }
}
