import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'

/** What systemd would do with a unit. */
export interface ServiceVerbs {
  start(): Promise<void>
  stop(): Promise<void>
  reload?(): Promise<void>
}

const TROVESTRAP = new URL('../../bin/trovestrap', import.meta.url).pathname
const CLIENT = new URL('systemctl.mjs', import.meta.url).pathname

/**
 * A folder to put in front of PATH, so that what diagnose says to type works in the lab as it does beside devstack, though the lab's services
 * are processes of its own: `systemctl VERB UNIT` asks the lab, `rabbitmqctl` and `trovestrap` mean the lab's broker and host-server.
 */
export async function hostCommands(dir: string, units: Readonly<Record<string, ServiceVerbs>>, broker: NodeJS.ProcessEnv, config: string): Promise<AsyncDisposable & { path: string }> {
  const bin = join(dir, 'bin')
  const socket = join(dir, 'systemctl.socket')
  await mkdir(bin, { recursive: true })
  const names = ['ERL_', 'RABBITMQ_', 'HOME']
  const exports = Object.entries(broker).filter(([name]) => names.some((prefix) => name.startsWith(prefix)))
  const scripts = {
    systemctl: `exec '${process.execPath}' '${CLIENT}' '${socket}' "$@"`,
    rabbitmqctl: `${exports.map(([name, value]) => `export ${name}='${value}'`).join('\n')}\nexec /usr/lib/rabbitmq/bin/rabbitmqctl "$@"`,
    trovestrap: `exec '${TROVESTRAP}' --config '${config}' "$@"`,
  }
  for (const [name, script] of Object.entries(scripts)) await writeFile(join(bin, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  const server = createServer((request, response) => {
    const [, verb, unit] = (request.url ?? '').split('/')
    void act(units, verb ?? '', (unit ?? '').replace(/\.service$/, '')).then(
      () => response.end(),
      (error: Error) => response.writeHead(500).end(error.message),
    )
  })
  server.listen(socket)
  await once(server, 'listening')
  return { path: bin, [Symbol.asyncDispose]: async () => void server.close() }
}

async function act(units: Readonly<Record<string, ServiceVerbs>>, verb: string, unit: string): Promise<void> {
  const service = units[unit]
  if (service === undefined) throw new Error(`Unit ${unit}.service not found.`)
  if (verb === 'stop' || verb === 'restart') await service.stop()
  if (verb === 'start' || verb === 'restart') await service.start()
  if (verb === 'reload') await (service.reload ?? service.start)()
}
