import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { Server } from 'node:net'

/**
 * Waits until this process alone holds the lock of that name; disposing lets it go. The lock is an abstract socket:
 * the kernel frees it with its process, so there are no stale locks, and who waits is woken and does not poll.
 *
 * @param waiting called once when somebody else holds it
 */
export async function holdLock(name: string, waiting: () => void): Promise<AsyncDisposable> {
  const path = `\0trovestrap/${createHash('sha256').update(name).digest('hex')}`
  for (let told = false; ; told = true) {
    const server = await tryListen(path)
    if (server) return { [Symbol.asyncDispose]: () => release(server) }
    if (!told) waiting()
    await untilFree(path)
  }
}

async function tryListen(path: string): Promise<Holder | undefined> {
  const waiting = new Set<{ destroy(): void }>()
  const server = createServer((socket) => {
    waiting.add(socket)
    socket.on('error', () => {}).on('close', () => waiting.delete(socket))
  })
  server.listen(path).unref()
  try {
    await once(server, 'listening')
    return { server, waiting }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return undefined
    throw error
  }
}

/** Ends when the holder closes the connection or is gone. */
async function untilFree(path: string): Promise<void> {
  const socket = connect(path)
  await new Promise<void>((resolve) => socket.on('error', () => {}).on('close', () => resolve()))
}

async function release({ server, waiting }: Holder): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  for (const socket of waiting) socket.destroy()
  await closed
}

interface Holder {
  readonly server: Server
  readonly waiting: ReadonlySet<{ destroy(): void }>
}
