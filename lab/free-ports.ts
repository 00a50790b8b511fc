import { once } from 'node:events'
import { createServer } from 'node:net'

/** Below the kernel's ephemeral range, so that nobody is given one of these between our look and our use. */
const FIRST = 20_000
const LAST = 32_000
const TRIES = 100

/** @returns `count` neighbouring ports that are free on 127.0.0.1 */
export async function freePorts(count: number): Promise<number[]> {
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const first = FIRST + Math.floor(Math.random() * (LAST - FIRST - count))
    const ports = Array.from({ length: count }, (_, index) => first + index)
    const free = await Promise.all(ports.map(isFree))
    if (free.every(Boolean)) return ports
  }
  throw new Error(`found no ${count} neighbouring free ports between ${FIRST} and ${LAST}`)
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer()
  server.listen(port, '127.0.0.1')
  const free = await once(server, 'listening').then(
    () => true,
    () => false,
  )
  if (free) await new Promise((resolve) => server.close(resolve))
  return free
}
