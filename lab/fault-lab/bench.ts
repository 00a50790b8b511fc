import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Progress } from '../../cli/progress.ts'
import type { TroveInstance } from '../control-plane.ts'
import { freePorts } from '../free-ports.ts'
import type { Guest } from '../guest.ts'
import { run } from '../run.ts'
import { startScene, type Scene } from '../scene.ts'
import type { Watched } from './sight.ts'
import { HELD, holdGuest, type HeldGuest } from './held-guest.ts'
import { hostCommands } from './services.ts'
import { hostShell, type HostPlaces } from './host-shell.ts'

/** Where faults happen: a control plane, a host-server, and a guest that can be had again and again just before our daemon starts. */
export interface Bench extends AsyncDisposable {
  readonly scene: Scene
  readonly instance: TroveInstance
  readonly held: HeldGuest
  readonly places: HostPlaces
  readonly dir: string
  /** What is being looked at: of the fault before, until the next begins. */
  watched?: Watched
  /** Commands on the host, as a person types them. */
  host(commands: string, input?: string): Promise<string>
  /** Everything on the host as it was at the beginning: configuration, enrolments, broker, services, Trove's rows. */
  reset(): Promise<void>
  /** Another guest of the same instance, on disks of its own. */
  boot(name: string, options: Parameters<Scene['boot']>[1]): Promise<Guest>
}

export async function startBench(dir: string, progress: Progress): Promise<Bench> {
  await using stack = new AsyncDisposableStack()
  const scene = stack.use(await startScene(join(dir, 'scene'), progress, { ownSource: true }))
  const { controlPlane, host } = scene
  const instance = await controlPlane.createInstance('db-1')
  const guest = stack.use(await scene.boot(instance, { kernelArguments: HELD }))
  const step = progress.step('held guest')
  const held = await holdGuest(scene, instance, guest, host.wheels)
  step.done('booted, saved just before the daemon starts')

  const [port, port2] = await freePorts(2)
  const places: HostPlaces = {
    LAB: dir,
    INSTANCE: instance.id,
    GUEST_CONFIG: controlPlane.files.guestAgentConf,
    TROVE_CONF: controlPlane.files.troveConf,
    TROVESTRAP_YAML: host.configFile,
    STATE: host.state,
    DATABASE: controlPlane.database,
    BROKER_PORT: String(controlPlane.broker.port),
    SOURCE: host.source,
    SCRATCH: join(dir, 'scratch'),
    PORT: String(port),
    PORT2: String(port2),
  }
  await mkdir(places.SCRATCH, { recursive: true })
  const units = {
    'rabbitmq-server': { start: () => controlPlane.broker.start(), stop: () => controlPlane.broker.stop() },
    'trove-conductor': controlPlane.conductor,
    'trove-taskmanager': controlPlane.taskmanager,
    // no units of anybody's: what Trove's other programs would do at such a moment
    'lab-create-request': { start: () => instance.ask(), stop: async () => {} },
    'lab-usage-timeout': { start: () => instance.timeOut(), stop: async () => {} },
    'trovestrap-host': { start: () => host.start(), stop: () => host.stop(), reload: async () => host.reload() },
  }
  const commands = stack.use(await hostCommands(dir, units, controlPlane.broker.env, host.configFile))
  const shell = (text: string, input = '') => hostShell(text, commands.path, places, input)
  const kept = await keep(places, host)
  const everything = stack.move()
  return {
    scene,
    instance,
    held,
    places,
    dir,
    host: shell,
    reset: () => reset({ scene, places, kept, shell, instance }),
    boot: (name, options) => scene.boot(instance, { ...options, dir: join(dir, name) }),
    [Symbol.asyncDispose]: () => everything.disposeAsync(),
  }
}

interface Kept {
  readonly state: string
  readonly source: string
  readonly files: ReadonlyMap<string, string>
}

async function keep(places: HostPlaces, host: Scene['host']): Promise<Kept> {
  const kept = { state: `${places.LAB}/kept-state`, source: `${places.LAB}/kept-source` }
  await host.stop()
  await cp(places.STATE, kept.state, { recursive: true })
  await cp(places.SOURCE, kept.source, { recursive: true, preserveTimestamps: true })
  await host.start()
  const files = new Map<string, string>()
  for (const path of [places.GUEST_CONFIG, places.TROVE_CONF, places.TROVESTRAP_YAML]) files.set(path, await readFile(path, 'utf8'))
  return { ...kept, files }
}

async function reset({ scene, places, kept, shell, instance }: { scene: Scene; places: HostPlaces; kept: Kept; shell: Bench['host']; instance: TroveInstance }): Promise<void> {
  const { host, controlPlane } = scene
  const { broker, conductor, taskmanager } = controlPlane
  await host.stop()
  let troveConfChanged = false
  for (const [path, text] of kept.files) {
    if ((await readFile(path, 'utf8').catch(() => '')) === text) continue
    troveConfChanged ||= path === places.TROVE_CONF
    await writeFile(path, text, { mode: 0o600 })
  }
  await rm(places.STATE, { recursive: true, force: true })
  await cp(kept.state, places.STATE, { recursive: true })
  await run(['rsync', '-a', '--delete', `${kept.source}/`, `${places.SOURCE}/`])
  await rm(places.SCRATCH, { recursive: true, force: true })
  await mkdir(places.SCRATCH, { recursive: true })
  const [port, port2] = await freePorts(2)
  Object.assign(places, { PORT: String(port), PORT2: String(port2) })
  const brokerRan = broker.running
  if (!brokerRan) await broker.start()
  await shell(`rabbitmqctl --quiet import_definitions ${broker.definitions}
rabbitmqctl --quiet set_vm_memory_high_watermark absolute 512MB
rabbitmqctl --quiet delete_vhost guests || true
rabbitmqctl --quiet delete_vhost nosuch || true
rabbitmqctl --quiet close_all_user_connections ${broker.user} "the guest is another one now"`)
  for (const queue of [`guestagent.${instance.id}`, 'taskmanager']) await broker.deleteQueue(queue)
  await taskmanager.stop()
  if (troveConfChanged || !brokerRan) await conductor.stop()
  restoreRows(places.DATABASE, instance)
  if (!conductor.running) await conductor.start()
  await host.start()
}

/** As trove-api and trove-taskmanager leave them when the server has been made and the agent has said nothing yet. */
function restoreRows(database: string, instance: TroveInstance): void {
  using db = new DatabaseSync(database, { timeout: 10_000 })
  db.prepare("update service_statuses set status_id = 23, status_description = 'new', updated_at = ? where instance_id = ?").run(now(), instance.id)
  db.prepare('update instances set task_id = 5, task_description = ?, compute_instance_id = ?, created = ?, updated = ?, deleted = 0 where id = ?').run('BUILDING', instance.id, now(), now(), instance.id)
  db.prepare('delete from instance_faults where instance_id = ?').run(instance.id)
}

function now(): string {
  return new Date().toISOString().replace('T', ' ').replace('Z', '000')
}
