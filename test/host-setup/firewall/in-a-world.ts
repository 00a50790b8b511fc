import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Test } from 'tap'
import { asRoot } from '../../../lab/run.ts'

/** What came of one step. */
export interface Came {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

export const CONFIG = 'trovestrap.yaml'

export interface World {
  /** @param step of world.ts, and its words */
  does(...step: string[]): Promise<Came>
  /** Whether a connection from there comes about; who it seems to come from, as the other side sees it. */
  reaches(from: 'guest' | 'outside' | 'host', address: string, port: number): Promise<string | undefined>
}

/** A guest, a host and the outside, with that firewall active on the host. */
export async function inAWorld(t: Test, backend: 'nftables' | 'firewalld' | 'ufw'): Promise<World> {
  const folder = t.testdir({})
  const world = new URL('world.ts', import.meta.url).pathname
  const [program, ...args] = asRoot(['unshare', '--net', '--mount', '--pid', '--fork', '--kill-child=KILL', '--mount-proc', '--', process.execPath, world, backend, folder])
  const child = spawn(program!, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const ended = new Promise((resolve) => child.once('close', resolve))
  t.teardown(async () => {
    child.stdin.end()
    await ended
  })
  const next = async (): Promise<string> => {
    const { value, done } = await lines.next()
    if (done) throw new Error('the world ended')
    return value as string
  }
  await next()
  const does = async (...step: string[]): Promise<Came> => {
    child.stdin.write(`${JSON.stringify(step)}\n`)
    return JSON.parse(await next()) as Came
  }
  return {
    does,
    async reaches(from, address, port) {
      const { exitCode, stdout } = await does('reach', from, address, String(port))
      return exitCode === 0 && stdout !== '' ? stdout : undefined
    },
  }
}
