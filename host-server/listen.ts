import { userInfo } from 'node:os'
import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import type { Settings } from './settings.ts'
import { SetupError } from './setup-error.ts'

/** @throws SetupError when the port is taken, not allowed, or the address is none of this machine's; the app is closed then */
export async function listen(app: FastifyInstance, { address, port }: Settings['listen']): Promise<AddressInfo> {
  try {
    await app.listen({ host: address, port })
    return app.server.address() as AddressInfo
  } catch (error) {
    await app.close()
    const reason = REASONS[(error as NodeJS.ErrnoException).code ?? '']
    if (reason === undefined) throw error
    throw new SetupError(reason(address, port), { cause: error })
  }
}

const REASONS: Readonly<Record<string, (address: string, port: number) => string>> = {
  EADDRINUSE: (address, port) => `port ${port} of ${address} is in use; stop what listens there (ss -ltnp 'sport = :${port}') or change listen.port`,
  EACCES: (_, port) => `user ${userInfo().username} may not listen on port ${port}; choose listen.port above 1023`,
  EADDRNOTAVAIL: (address) => `${address} is no address of this machine; change listen.address (0.0.0.0 is all of them)`,
}
