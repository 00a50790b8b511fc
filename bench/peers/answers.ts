import { once } from 'node:events'
import { connect } from 'node:net'
import { until } from '../../lab/until.ts'

/** Returns when somebody listens at a port of 127.0.0.1. */
export async function answers(port: number): Promise<void> {
  const ask = async (): Promise<true | undefined> => {
    const socket = connect({ host: '127.0.0.1', port })
    const there = await once(socket, 'connect').then(
      () => true as const,
      () => undefined,
    )
    socket.destroy()
    return there
  }
  await until(`an answer at 127.0.0.1:${port}`, ask, { timeoutMs: 20_000 })
}
