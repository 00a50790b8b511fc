import { open } from 'node:fs/promises'
import { once } from 'node:events'
import { BuildFailure, ImageRefusal } from '../refusal.ts'
import { KILLED, startTool, type RunningTool } from '../run-tool.ts'
import type { WorkImage } from '../way.ts'
import type { Blocks } from './blocks.ts'
import { connectNbd, ConnectionLost } from './nbd-client.ts'

/** In the work folder. Tools that read a disk themselves (qemu-img) come in by it too. */
export const SOCKET = 'nbd.sock'
export const EXPORT = 'disk'
const READY_MS = 30_000

/**
 * The disk in a work image, through a qemu-storage-daemon of its own: any qcow2, no mount, no root. The daemon ends when the blocks are closed,
 * and with this process.
 *
 * @throws BuildFailure when the daemon does not start or has ended badly; on closing only when nothing failed before because of it. What is under way
 * when the signal comes fails with its reason
 */
export async function openBlocks(work: WorkImage): Promise<Blocks> {
  const daemon = startTool('qemu-storage-daemon', argumentsFor(work), { cwd: work.folder, signal: work.signal })
  const errors: Buffer[] = []
  daemon.child.stderr.on('data', (piece: Buffer) => errors.length < 100 && errors.push(piece))
  const complaint = () => Buffer.concat(errors).toString('utf8').trim().split('\n')[0]?.slice(0, 300) || 'it said nothing'
  const end = (code: number) => (code === -1 ? `qemu-storage-daemon ${KILLED}` : `qemu-storage-daemon ended with ${code}: ${complaint()}`)
  try {
    let lost = false
    const told = <Result>(result: Promise<Result>) => result.catch(async (error: unknown): Promise<never> => {
      work.signal?.throwIfAborted()
      if (!(error instanceof ConnectionLost)) throw error
      lost = true
      daemon.child.kill('SIGKILL') // without its connection it is of no use, should it be there yet
      throw new BuildFailure(`${error.message}; ${end(await daemon.ended)}`, { cause: error })
    })
    await ready(daemon, complaint, end)
    const blocks = await told(connectIn(work.folder))
    return {
      size: blocks.size,
      read: (offset, length) => told(blocks.read(offset, length)),
      write: (offset, data) => told(blocks.write(offset, data)),
      flush: () => told(blocks.flush()),
      async [Symbol.asyncDispose]() {
        await blocks[Symbol.asyncDispose]()
        daemon.child.stdin.end('{"execute":"qmp_capabilities"}{"execute":"quit"}')
        const code = await daemon.ended
        if (code !== 0 && !lost && !work.signal?.aborted) throw new BuildFailure(end(code))
      },
    }
  } catch (error) {
    daemon.child.kill('SIGKILL')
    await daemon.ended
    work.signal?.throwIfAborted()
    throw error
  }
}

function argumentsFor({ file }: WorkImage): string[] {
  const disk = { driver: 'qcow2', 'node-name': 'disk', discard: 'unmap', file: { driver: 'file', filename: file, discard: 'unmap' } }
  return [
    ...['--blockdev', JSON.stringify(disk)],
    ...['--nbd-server', `addr.type=unix,addr.path=${SOCKET}`],
    ...['--export', `type=nbd,id=disk,node-name=disk,name=${EXPORT},writable=on`],
    // What comes last is said last: the monitor's greeting tells that the export is there.
    ...['--chardev', 'stdio,id=monitor', '--monitor', 'chardev=monitor'],
  ]
}

async function ready({ child, ended }: RunningTool, complaint: () => string, end: (code: number) => string): Promise<void> {
  const late = AbortSignal.timeout(READY_MS)
  const greeting = once(child.stdout, 'data', { signal: late }).then(() => undefined)
  greeting.catch(() => {}) // when the daemon ended first
  const code = await Promise.race([greeting, ended]).catch(() => {
    throw new BuildFailure(`qemu-storage-daemon was not ready within ${READY_MS / 1000} s`)
  })
  if (code === 127) throw new ImageRefusal('qemu-storage-daemon is not installed. Type: apt install qemu-system-common')
  if (code === -1) throw new BuildFailure(end(code))
  if (code !== undefined) throw new BuildFailure(`the image cannot be opened: ${complaint().replace(/^qemu-storage-daemon: /, '')}`)
}

/** A socket's path has at most 107 bytes; that of the folder may be longer, but not its number among our open files. */
async function connectIn(folder: string): Promise<Blocks> {
  await using directory = await open(folder, 'r')
  return await connectNbd(`/proc/self/fd/${directory.fd}/${SOCKET}`, EXPORT)
}
