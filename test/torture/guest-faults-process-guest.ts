import { readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import type { Test } from 'tap'
import { GUEST } from '../../contract/paths.ts'
import { realHttp } from '../../guest-bootstrap/machine/real-http.ts'
import type { Files, FileSink, System } from '../../guest-bootstrap/system.ts'
import { stateFolder } from '../../host-server/state-folder.ts'
import type { Host } from '../../lab/host.ts'
import { machine } from '../guest-bootstrap/machine.ts'
import type { World } from './guest-faults-process-conditions.ts'
import { RUNS } from '../guest-bootstrap/unit-states.ts'
import { wellBroker } from '../guest-bootstrap/well-broker.ts'

interface Parts {
  readonly url: string
  readonly host: Host
  readonly token: string
  readonly number: number
  readonly world: World
  /** By how much it waits shorter than it says, so that a test takes seconds: between tries, and for a host that is silent. */
  readonly hurry: number
}

/** A guest in a scratch folder whose disk, clock and address are what `world` says at the moment. */
export async function breakableGuest(stack: AsyncDisposableStack, { url, host, token, number, world, hurry }: Parts): Promise<System> {
  const t = { teardown: (act: () => void) => stack.defer(act) } as unknown as Test
  const instance = `5b2d1f3e-0000-4000-8000-${number.toString(16).padStart(12, '0')}`
  const it = machine(t, { urls: [url], ca: readFileSync(stateFolder(host.state).ca, 'utf8'), programs })
  it.put(GUEST.config, JSON.stringify({ format: 1, urls: [url], token, agent: { user: 'trove' } }), 0o600)
  it.put(GUEST.guestInfo[0], `[DEFAULT]\nguest_id = ${instance}\ndatastore_manager = mysql\n`)
  it.put('/usr/bin/python3', '')
  return {
    ...it.system,
    files: breakable(it.system.files, world),
    clock: {
      now: () => Date.now() + world.clockOff * 1000,
      uptime: () => performance.now() / 1000,
      async sleep(seconds) {
        if (world.ended) throw new Error('nobody waits for this guest any more')
        await pause((seconds * 1000) / hurry)
      },
    },
    addresses: () => [{ name: 'eth0', address: world.address }],
    http: (request) => realHttp({ ...request, timeout: request.timeout / hurry + 500 }),
    amqp: async () => wellBroker(),
  }
}

const SURVEY = JSON.stringify({ version: '3.11.2', managed: true, pip: true, allowed: true, missing: [], found: [] })

function programs(program: string, args: readonly string[]): { stdout: string } {
  if (program === '/usr/bin/python3') return { stdout: SURVEY }
  return { stdout: args[0] === 'show' ? RUNS : '' }
}

function breakable(files: Files, world: World): Files {
  const refuse = (path: string): void => {
    if (world.disk) throw Object.assign(new Error(world.disk), { code: world.disk, path })
  }
  const guarded = <A extends readonly unknown[], R>(act: (path: string, ...rest: A) => R) => (path: string, ...rest: A): R => {
    refuse(path)
    return act(path, ...rest)
  }
  const piecewise = (open: Files['create']): Files['create'] => guarded((path, mode) => filling(open(path, mode), path, world, refuse))
  return {
    ...files,
    write: guarded(files.write),
    folder: (path, attributes) => (files.stat(path) ? files.folder(path, attributes) : guarded(files.folder)(path, attributes)),
    point: guarded(files.point),
    symlink: guarded(files.symlink),
    create: piecewise(files.create),
    extend: piecewise(files.extend),
  }
}

function filling(sink: FileSink, path: string, world: World, refuse: (path: string) => void): FileSink {
  return {
    write(bytes) {
      refuse(path)
      if ((world.diskAfter -= bytes.length) < 0) world.disk = 'ENOSPC'
      refuse(path)
      sink.write(bytes)
    },
    close: () => sink.close(),
  }
}
