import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'

/** @returns the port asked for when nobody has it, else one that is free now; on loopback */
export async function portFor(wanted = 0): Promise<number> {
  const server = createServer()
  try {
    server.listen(wanted, '127.0.0.1')
    await once(server, 'listening')
    return (server.address() as AddressInfo).port
  } catch (error) {
    if (wanted !== 0 && (error as NodeJS.ErrnoException).code === 'EADDRINUSE') return portFor()
    throw error
  } finally {
    server.close()
  }
}
