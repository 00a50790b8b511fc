import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { GUEST } from '../../contract/paths.ts'
import { stateFolder } from '../../host-server/state-folder.ts'
import type { Host } from '../../lab/host.ts'
import { layGuest } from '../guest-root.ts'
import type { GuestProgram } from '../guest-program.ts'
import type { Trees, Way } from './way.ts'

const LONGEST_MS = 120_000

/** Ours, as a process that starts, and as one that runs already. @param host serves the tree before @param memory see `layGuest` */
export async function trovestrap(host: Host, program: GuestProgram, trees: Trees, memory?: string): Promise<{ started: Way; running: Way }> {
  const [ca, token] = [await readFile(stateFolder(host.state).ca, 'utf8'), (await host.trovestrap(['token', 'create'])).trim()]
  const lay = (folder: string, port: number): void => layGuest(folder, { instance: randomUUID(), url: `https://127.0.0.1:${port}`, ca, token }, memory)
  let served: keyof Trees = 'before'
  const common = {
    port: Number(new URL(host.url).port),
    async serve(tree: keyof Trees) {
      if (tree !== served) await host.serveSource(trees[tree])
      served = tree
    },
    // The host is whoever started it's to stop.
    [Symbol.asyncDispose]: async () => {},
  }
  return {
    started: {
      ...common,
      name: 'trovestrap',
      async guest(folder, port) {
        lay(folder, port)
        let peak = 0
        const once = async (): Promise<number> => {
          await using daemon = startGuestDaemon(program, folder)
          const took = await daemon.fetched()
          peak = await daemon.peak()
          return took
        }
        const afterReboot = async (): Promise<number> => {
          await rm(join(folder, GUEST.runtime), { recursive: true })
          return once()
        }
        return { cases: { cold: once, unchanged: once, 'after a reboot': afterReboot, 'one file changed': once }, peak: () => peak, tree: async () => join(folder, GUEST.currentSource), [Symbol.asyncDispose]: async () => {} }
      },
    },
    running: {
      ...common,
      name: 'trovestrap, a daemon that runs already',
      async guest(folder, port) {
        lay(folder, port)
        const daemon = startGuestDaemon(program, folder)
        await daemon.fetched()
        return { cases: { unchanged: daemon.again, 'one file changed': daemon.again }, tree: async () => join(folder, GUEST.currentSource), [Symbol.asyncDispose]: () => daemon[Symbol.asyncDispose]() }
      },
    },
  }
}

export interface GuestDaemon extends AsyncDisposable {
  /** Seconds from its start to the verified tree in place. */
  fetched(): Promise<number>
  /** Bytes of memory at its most. */
  peak(): Promise<number>
  /** Seconds that another look takes it, with all that follows of it. */
  again(): Promise<number>
}

/** @param patient a stage that fails is waited for: the guest tries again */
export function startGuestDaemon({ node, bundle }: GuestProgram, root: string, { patient = false } = {}): GuestDaemon {
  const began = performance.now()
  const child = spawn(node, [bundle, root], { env: {}, stdio: ['pipe', 'pipe', 'inherit'], timeout: LONGEST_MS, killSignal: 'SIGKILL' })
  const ended = once(child, 'exit')
  const said: string[] = []
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const line = async (wanted: RegExp): Promise<RegExpExecArray> => {
    for (;;) {
      const { value, done } = await lines.next()
      if (done) throw new Error(`the guest ended before it said ${wanted}; it said:\n${said.join('\n')}`)
      said.push(value)
      const found = wanted.exec(value)
      if (found) return found
      if (!patient && /state=failed/.test(value)) throw new Error(`the guest does not get through: ${value}`)
    }
  }
  const since = (began: number): number => (performance.now() - began) / 1000
  return {
    fetched: async () => (await line(/stage=fetch state=done/), since(began)),
    peak: async () => Number((await line(/^peak (\d+)/))[1]),
    async again() {
      const began = performance.now()
      child.stdin.write('again\n')
      await line(/^again/)
      return since(began)
    },
    async [Symbol.asyncDispose]() {
      child.stdin.end()
      await ended
    },
  }
}
