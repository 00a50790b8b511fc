import { cp, mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Progress } from '../../cli/progress.ts'
import { Secret } from '../../contract/secret.ts'
import { Cloud } from '../../openstack/cloud.ts'
import { findCloud } from '../../openstack/settings/find-cloud.ts'
import { startBroker, type Broker } from '../broker.ts'
import type { Service } from '../service.ts'
import { stepsOf } from '../steps.ts'
import { account, type Account } from './accounts.ts'
import { writeCloudsFile } from './clouds-file.ts'
import { endpoints } from './endpoints.ts'
import { furnish, type Furniture } from './furnish.ts'
import { startGlance } from './glance.ts'
import { register, startKeystone } from './keystone.ts'
import { startLibvirt } from './libvirt.ts'
import { startMariaDb } from './mariadb.ts'
import { HOST, layNetworks, MANAGEMENT, PUBLIC, USERS } from './network.ts'
import { startNeutron } from './neutron.ts'
import { startCompute, startNova, type Nova } from './nova.ts'
import { layMounts, layOver } from './own-mounts.ts'
import { insideOwnWorld } from './own-world.ts'
import { startRouterAgent } from './router-agent.ts'
import { startPlacement } from './placement.ts'
import { PORTS } from './ports.ts'
import { DATABASES, tables } from './tables.ts'
import { startTrove, type Trove } from './trove.ts'
import { startVolumeList } from './volume-list.ts'

/** A whole OpenStack with Trove: everything that a devstack with Trove has, but Cinder, Swift and the metadata service. */
export interface LabCloud extends Furniture, AsyncDisposable {
  readonly dir: string
  readonly broker: Broker
  readonly trove: Trove
  readonly glance: Service
  readonly nova: Nova & { readonly compute: Service }
  /** As the admin, in this process. */
  readonly openstack: Cloud
  /** Has the clouds `admin` and `someone`, an ordinary user of another project. */
  readonly cloudsFile: string
  /** For OpenStack's clients and our verbs: whose cloud is `admin`. */
  readonly env: NodeJS.ProcessEnv
}

/** Users of MariaDB and of Keystone. */
const SERVICES = ['keystone', 'glance', 'placement', 'neutron', 'nova', 'trove'] as const

/** Of the control plane; a range as rabbitmqctl's own nodes need it. */
const BROKER_PORTS = { amqp: PORTS.amqp, epmd: 4369, distribution: 25672, tools: { first: 35672, last: 35682 } }

/**
 * Starts it from nothing; takes about a minute and a half on two cores. Only in a world of its own (own-world.ts).
 * @param dir is emptied; configuration, state and log of each program go there, in a folder of its name
 * @throws as soon as a program ends before it works, with the end of its log
 */
export async function startCloud(dir: string, progress: Progress): Promise<LabCloud> {
  if (!insideOwnWorld()) throw new Error("the cloud would lay its bridges and mounts on this machine's own: enterOwnWorld() comes first")
  await rm(dir, { recursive: true, force: true })
  await mkdir(dir, { recursive: true, mode: 0o700 })
  await using stack = new AsyncDisposableStack()
  const step = stepsOf(progress)
  const started = async <T extends AsyncDisposable>(starting: Promise<T>): Promise<T> => stack.use(await starting)
  const at = (name: string) => join(dir, name)
  const admin: Account = { name: 'admin', password: Secret.random() }
  const someone = account('someone')
  const [keystone, glance, placement, neutron, nova, trove] = SERVICES.map(account) as [Account, Account, Account, Account, Account, Account]

  const broker = await step('RabbitMQ, MariaDB', async (tell) => {
    await layMounts(at('mounts'))
    await layOver('/var/log/rabbitmq', at('rabbitmq'))
    await layNetworks()
    await cp(await tables(tell), at('database'), { recursive: true })
    const [broker, maria] = await Promise.all([
      started(startBroker(at('rabbitmq'), { ports: BROKER_PORTS, addresses: [HOST], vhosts: ['nova', 'neutron'] })),
      started(startMariaDb({ dir: at('mariadb'), data: at('database'), network: true })),
    ])
    await maria.execute([keystone, glance, placement, neutron, nova, trove].flatMap(owning))
    return [broker, `one broker for all, on ${HOST}:${PORTS.amqp}`]
  })
  const transportUrl = (vhost: string) => broker.controlUrl('127.0.0.1', vhost)
  const novaParts = { dir: at('nova'), own: nova, placement, neutron, transportUrl: transportUrl('nova') }
  const cloudsFile = at('clouds.yaml')
  const [novaServices, compute, glanceService] = await step('Keystone, Glance, Placement, Neutron, Nova', async () => {
    // each waits for nothing but its own needs; what takes longest comes first
    const identity = started(startKeystone(at('keystone'), keystone, admin.password)).then(() =>
      register(at('keystone'), admin.password, { services: [glance, placement, neutron, nova, trove], people: [someone], endpoints: endpoints() }),
    )
    const [,, novaServices, glanceService] = await Promise.all([
      identity,
      started(startNeutron(at('neutron'), neutron, transportUrl('neutron'))),
      identity.then(() => startNova(novaParts, broker)),
      started(startGlance(at('glance'), glance)),
      started(startPlacement(at('placement'), placement)),
      started(startLibvirt(at('libvirt'))),
      started(startVolumeList()),
    ])
    Object.values(novaServices).forEach((service) => stack.use(service))
    const compute = await started(startCompute(novaParts, broker))
    await writeCloudsFile(cloudsFile, [
      { cloud: 'admin', account: admin },
      { cloud: 'someone', account: someone },
    ])
    return [[novaServices, compute, glanceService], 'one compute host, libvirt under emulation']
  })
  const env = { ...process.env, OS_CLIENT_CONFIG_FILE: cloudsFile, OS_CLOUD: 'admin' }
  const openstack = new Cloud(findCloud('admin', { env, cwd: dir, home: dir })!)
  const furniture = await step('networks, flavor', async () => {
    const [furniture] = await Promise.all([furnish(openstack), started(startRouterAgent(at('router-agent'), transportUrl('neutron'), broker))])
    return [furniture, `${MANAGEMENT.name} ${MANAGEMENT.cidr}, ${USERS.name} ${USERS.cidr}, ${PUBLIC.name} ${PUBLIC.cidr}`]
  })
  const troveServices = await step('Trove', async () => {
    const parts = { dir: at('trove'), own: trove, transportUrl: transportUrl('trove'), managementNetwork: furniture.networks.management }
    const { files, ...services } = await startTrove(parts, broker)
    Object.values(services).forEach((service) => stack.use(service))
    return [{ files, ...services }, 'api, conductor, taskmanager']
  })
  const everything = stack.move()
  return {
    ...furniture,
    dir,
    broker,
    trove: troveServices,
    glance: glanceService,
    nova: { ...novaServices, compute },
    openstack,
    cloudsFile,
    env,
    [Symbol.asyncDispose]: () => everything.disposeAsync(),
  }
}

/** SQL that makes a service's tables its own. */
function owning({ name, password }: Account): string[] {
  const user = `'${name}'@'127.0.0.1'`
  return [`CREATE USER ${user} IDENTIFIED BY '${password.reveal()}'`, ...DATABASES[name as keyof typeof DATABASES].map((database) => `GRANT ALL ON ${database}.* TO ${user}`)]
}
