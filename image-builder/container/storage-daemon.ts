import { open } from 'node:fs/promises'
import { once } from 'node:events'
import { BuildFailure, ImageRefusal } from '../refusal.ts'
import { startTool, type RunningTool } from '../run-tool.ts'
import type { WorkImage } from '../way.ts'
import type { Blocks } from './blocks.ts'
import { connectNbd } from './nbd-client.ts'

/** In the work folder. Tools that read a disk themselves (qemu-img) come in by it too. */
export const SOCKET = 'nbd.sock'
export const EXPORT = 'disk'
const READY_MS = 30_000

/**
 * The disk in a work image, through a qemu-storage-daemon of its own: any qcow2, no mount, no root. The daemon ends when the blocks are closed,
 * and with this process.
 *
 * @throws BuildFailure when the daemon does not start or, on closing, has ended badly; what is under way when the signal comes fails with its reason
 */
export async function openBlocks(work: WorkImage): Promise<Blocks> {
  const daemon = startTool('qemu-storage-daemon', argumentsFor(work), { cwd: work.folder, signal: work.signal })
  const errors: Buffer[] = []
  daemon.child.stderr.on('data', (piece: Buffer) => errors.length < 100 && errors.push(piece))
  const complaint = () => Buffer.concat(errors).toString('utf8').trim().split('\n')[0]?.slice(0, 300) || 'it said nothing'
  try {
    await ready(daemon, complaint)
    const blocks = await connectIn(work.folder)
    const told = <Result>(result: Promise<Result>) => result.catch((error: unknown): never => {
      work.signal?.throwIfAborted()
      throw error
    })
    return {
      size: blocks.size,
      read: (offset, length) => told(blocks.read(offset, length)),
      write: (offset, data) => told(blocks.write(offset, data)),
      flush: () => told(blocks.flush()),
      [Symbol.asyncDispose]: () => close(blocks, daemon, work, complaint),
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

async function ready({ child, ended }: RunningTool, complaint: () => string): Promise<void> {
  const late = AbortSignal.timeout(READY_MS)
  const greeting = once(child.stdout, 'data', { signal: late }).then(() => undefined)
  greeting.catch(() => {}) // when the daemon ended first
  const code = await Promise.race([greeting, ended]).catch(() => {
    throw new BuildFailure(`qemu-storage-daemon was not ready within ${READY_MS / 1000} s`)
  })
  if (code === 127) throw new ImageRefusal('qemu-storage-daemon is not installed. Type: apt install qemu-system-common')
  if (code !== undefined) throw new BuildFailure(`the image cannot be opened: ${complaint().replace(/^qemu-storage-daemon: /, '')}`)
}

/** A socket's path has at most 107 bytes; that of the folder may be longer, but not its number among our open files. */
async function connectIn(folder: string): Promise<Blocks> {
  await using directory = await open(folder, 'r')
  return await connectNbd(`/proc/self/fd/${directory.fd}/${SOCKET}`, EXPORT)
}

async function close(blocks: Blocks, { child, ended }: RunningTool, { signal }: WorkImage, complaint: () => string): Promise<void> {
  await blocks[Symbol.asyncDispose]()
  child.stdin.end('{"execute":"qmp_capabilities"}{"execute":"quit"}')
  const code = await ended
  if (code !== 0 && !signal?.aborted) throw new BuildFailure(`qemu-storage-daemon ended with ${code}: ${complaint()}`)
}
