import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, rm } from 'node:fs/promises'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { makeCa, makeServerCertificate } from '../host-server/pki/certificates.ts'
import type { GuestProgram } from './guest-program.ts'
import { layGuest } from './guest-root.ts'

/** Starts the daemon again and again, each time a new guest, before a host that takes the first request and no more. @param memory see `layGuest` @returns seconds from the process's start to that request, of each */
export async function firstRequests(folder: string, { node, bundle }: GuestProgram, rounds: number, memory?: string): Promise<number[]> {
  const ca = await makeCa('benchmark', new Date())
  const { key, certificate } = await makeServerCertificate(ca, ['127.0.0.1'], 86_400, new Date())
  const host = createServer({ key, cert: certificate, minVersion: 'TLSv1.3' })
  host.listen(0, '127.0.0.1')
  await once(host, 'listening')
  const url = `https://127.0.0.1:${(host.address() as AddressInfo).port}`
  const all: number[] = []
  try {
    for (let round = 0; round < rounds; round++) {
      const root = join(folder, 'first-request')
      await mkdir(root)
      layGuest(root, { instance: randomUUID(), url, ca: ca.certificate, token: 'abcdef.0123456789abcdef' }, memory)
      const asked = once(host, 'request')
      const began = performance.now()
      const child = spawn(node, [bundle, root], { env: {}, stdio: 'ignore' })
      const ended = once(child, 'exit')
      await asked
      all.push((performance.now() - began) / 1000)
      child.kill('SIGKILL')
      await ended
      await rm(root, { recursive: true })
    }
  } finally {
    host.closeAllConnections()
    host.close()
  }
  return all
}
