import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startBroker } from './broker.ts'
import type { Broker } from './broker.ts'
import { candidateVersion } from './debian-package.ts'
import { service, type Service } from './service.ts'
import { databaseConf, guestAgentConf, HOST_AS_SEEN_BY_GUESTS, troveConf } from './trove-config.ts'
import { troveCall } from './trove-calls.ts'
import { createInstance, DATASTORE } from './trove-instance.ts'
import type { TroveInstance } from './trove-instance.ts'
import type { Tell } from './tell.ts'
import { upstream } from './wheels.ts'

export type { TroveInstance }

/** RabbitMQ, Trove's database and Trove's real conductor, as plain processes on 127.0.0.1. */
export interface ControlPlane extends AsyncDisposable {
  readonly broker: Broker
  readonly versions: { readonly rabbitmq: string; readonly trove: string }
  /** As an operator has them, 0600; what host-server serves and checks. */
  readonly files: { readonly troveConf: string; readonly guestAgentConf: string }
  /** Where each part writes its log. */
  readonly logs: { readonly rabbitmq: string; readonly conductor: string; readonly taskmanager: string }
  /** Trove's database, SQLite. */
  readonly database: string
  /** Running from the start. */
  readonly conductor: Service
  /** Not running: nobody here makes servers. Its start takes it to its queue. */
  readonly taskmanager: Service
  /** Trove's rows of a new instance; its status is "new". */
  createInstance(name: string): Promise<TroveInstance>
  stop(): Promise<void>
}

/** @param dir is made when missing; everything that the control plane writes is in it, and it begins anew each time */
export async function startControlPlane(dir: string, tell: Tell): Promise<ControlPlane> {
  await rm(dir, { recursive: true, force: true })
  await mkdir(dir, { recursive: true, mode: 0o700 })
  const files = { troveConf: join(dir, 'trove.conf'), guestAgentConf: join(dir, 'trove-guestagent.conf') }
  const database = join(dir, 'trove.sqlite')
  await using started = new AsyncDisposableStack()

  tell('starting RabbitMQ')
  const [broker, { trove }] = await Promise.all([startBroker(join(dir, 'rabbitmq')).then((broker) => started.use(broker)), makeDatabase(dir, database)])
  await writeFile(files.guestAgentConf, guestAgentConf(broker.url(HOST_AS_SEEN_BY_GUESTS)), { mode: 0o600 })
  await writeFile(files.troveConf, troveConf({ transportUrl: broker.controlUrl('127.0.0.1'), database, guestAgentConf: files.guestAgentConf }), { mode: 0o600 })
  tell('starting trove-conductor')
  const program = (name: string, queue: string) => started.use(troveService({ name, queue, dir, config: files.troveConf, broker }))
  const [conductor, taskmanager] = [program('trove-conductor', 'trove-conductor'), program('trove-taskmanager', 'taskmanager')]
  await conductor.start()

  const versions = { rabbitmq: upstream(await candidateVersion('rabbitmq-server')), trove }
  const running = started.move()
  const stop = () => running.disposeAsync()
  return {
    broker,
    versions,
    files,
    logs: { rabbitmq: join(dir, 'rabbitmq', 'rabbitmq.log'), conductor: conductor.log, taskmanager: taskmanager.log },
    database,
    conductor,
    taskmanager,
    createInstance: (name) => createInstance(name, { troveConf: files.troveConf, database, broker }),
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

/** Needs no broker, and takes as long as the broker's start. */
async function makeDatabase(dir: string, database: string): Promise<{ trove: string }> {
  const config = join(dir, 'database.conf')
  await writeFile(config, databaseConf(database))
  return troveCall<{ trove: string }>('setup', config, DATASTORE)
}

/** Such a program says that it is up before it is connected; the consumer on its queue is the proof. */
function troveService({ name, queue, dir, config, broker }: { name: string; queue: string; dir: string; config: string; broker: Broker }): Service {
  return service({
    name,
    command: ['/usr/bin/python3', '-W', 'ignore', `/usr/bin/${name}`, '--config-file', config],
    env: { PATH: '/usr/bin:/bin', LANG: 'C.UTF-8', HOME: dir },
    cwd: dir,
    log: join(dir, `${name}.log`),
    ready: async () => ((await broker.consumers(queue)) ?? 0) > 0,
    readiness: 'to listen on its queue',
  })
}
