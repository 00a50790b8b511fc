// A real host-server behind a relay, with a tree of a given size.
import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { closeConnections } from '../../guest-bootstrap/machine/real-http.ts'
import { startHost, type Host } from '../../lab/host.ts'
import { startRelay, type Relay } from './relay.ts'

export interface RelayHost {
  readonly host: Host
  /** A bootstrap token. */
  readonly token: string
  readonly relay: Relay
}

/** @param bytes about so many has the tree's pack: its contents cannot be made smaller than that */
export async function relayHost(stack: AsyncDisposableStack, { bytes }: { readonly bytes: number }): Promise<RelayHost> {
  const dir = await mkdtemp(join(tmpdir(), 'relay-host-'))
  stack.defer(() => rm(dir, { recursive: true, force: true }))
  const host = stack.use(await startHost({ dir: join(dir, 'host'), ...(await whatIsServed(dir, bytes)), tell: () => {} }))
  const token = (await host.trovestrap(['token', 'create'])).trim()
  const relay = stack.use(await startRelay({ port: Number(new URL(host.url).port) }))
  stack.defer(closeConnections)
  return { host, token, relay }
}

const FILES = 8

async function whatIsServed(dir: string, bytes: number): Promise<{ source: string; wheels: string; files: { troveConf: string; guestAgentConf: string } }> {
  const [source, wheels] = [join(dir, 'source'), join(dir, 'wheels')]
  const files = { troveConf: join(dir, 'trove.conf'), guestAgentConf: join(dir, 'trove-guestagent.conf') }
  await mkdir(join(source, 'trove/cmd'), { recursive: true })
  await mkdir(wheels)
  for (let number = 0; number < FILES; number++) await writeFile(join(source, `trove/part${number}.py`), `CONTENT = '${randomBytes(bytes / FILES).toString('hex')}'\n`)
  await writeFile(join(source, 'trove/__init__.py'), '')
  await writeFile(join(source, 'trove/cmd/guest.py'), 'def main(): pass\n')
  await writeFile(join(source, 'setup.cfg'), '[metadata]\nname = trove\nversion = 18.0.0\n')
  const broker = 'transport_url = rabbit://trove:s3cret@10.0.2.2:5672/trove\ncontrol_exchange = trove\n'
  for (const path of Object.values(files)) await writeFile(path, `[DEFAULT]\n${broker}`, { mode: 0o600 })
  return { source, wheels, files }
}
