import { InvalidArgumentError, type Command } from 'commander'
import { typed } from '../host-setup/command.ts'
import { clientLine } from '../instances/expose/client-line.ts'
import { exposable, type Exposable } from '../instances/expose/exposable.ts'
import { greetsThrough, planExpose } from '../instances/expose/expose.ts'
import { performAll } from '../instances/expose/operation.ts'
import { planExposeThroughHost } from '../instances/expose/through-host.ts'
import { findInstance } from '../instances/find-instance.ts'
import { askCloud } from './ask-cloud.ts'
import { cloudOf, withCloudOption } from './cloud-option.ts'
import { CliError, EXIT } from './exit.ts'
import { obstacleLines } from './firewall-text.ts'
import { patienceOf } from './patience.ts'
import { plainJson } from './plain-json.ts'
import { progress, shownAs } from './progress.ts'
import { setUpHost } from './set-up-host.ts'
import { settingsFile, settingsOrExplain } from './settings-file.ts'

interface ExposeOptions {
  readonly port?: number
  readonly address?: string
  readonly host?: boolean
  readonly plan?: boolean
  readonly json?: boolean
}

/** What was done, or would be. */
interface Exposed {
  readonly way: 'port-forwarding' | 'floating-ip' | 'host'
  /** Absent in a plan whose address is not made yet. */
  readonly address?: string
  readonly port: number
  /** As it is typed by hand. */
  readonly typed: readonly string[]
  /** What is not for us to do. */
  readonly advice: readonly string[]
}

/** Milliseconds until Neutron's agents have carried out what it was told. */
const CARRIED_OUT = 20_000

/** `trovestrap expose INSTANCE` */
export function registerExpose(program: Command): void {
  withCloudOption(program.command('expose').description('Have a database reached from outside: by a floating address of Neutron, or through this host.'))
    .argument('INSTANCE', 'id of an instance, 8 digits of its beginning or more, or its name')
    .option('--port <PORT>', "where clients knock (default: the database's own port)", port)
    .option('--address <POOL|ADDRESS>', 'external network that a floating address is taken from, or one that is there; with --host an address of this host (default: the network that a router leads to; the address of the default route)')
    .option('--host', 'by rules in our own nftables table on this host, as root, where Neutron has no floating addresses')
    .option('--plan', 'show what would be done, and do nothing')
    .option('--json', 'for programs')
    .addHelpText(
      'after',
      '\nExamples:\n  trovestrap expose db-1 --plan\n  trovestrap expose db-1 --port 3307\n  trovestrap expose db-1 --address public\n  sudo trovestrap expose db-1 --host --port 3307\n\nExit codes: 0 well (also when nothing was left to do), 1 failed, or it is exposed and does not greet, 2 wrong usage, or what cannot be (nothing was changed).',
    )
    .action(async (words: string, options: ExposeOptions, command: Command) => {
      const cloud = cloudOf(command)
      await askCloud(async () => {
        const database = await exposable(cloud, await findInstance(cloud, words, patienceOf()), patienceOf())
        const exposed = options.host ? await setUpHost(() => throughHost(database, options, command)) : await byNeutron(database, options)
        const greeting = options.plan ? undefined : await greetingOf(database, exposed)
        tell(database, exposed, greeting, options)
        if (greeting?.why !== undefined) throw new CliError(`it is exposed, and from here no greeting comes from ${exposed.address}:${exposed.port}: ${greeting.why}${nextLook(exposed, greeting.isThere === true, database)}`, EXIT.failed)
      })

      async function byNeutron(database: Exposable, asked: ExposeOptions): Promise<Exposed> {
        const plan = await shownAs('ways', 'looked at', () => planExpose(cloud, database, asked, patienceOf()))
        if (!asked.plan && plan.operations.length > 0) await shownAs('Neutron', 'leads there', () => performAll(plan.operations, patienceOf(), patienceOf))
        const isKnown = !asked.plan || plan.operations.length === 0
        return { way: plan.kind, ...(isKnown && { address: plan.address() }), port: plan.port, typed: plan.operations.map(({ words }) => words), advice: plan.advice === undefined ? [] : [plan.advice] }
      }
    })
}

async function throughHost(database: Exposable, asked: ExposeOptions, command: Command): Promise<Exposed> {
  const settings = settingsOrExplain(settingsFile(command), 'nothing was changed')
  const { plan, carryOut, exposure } = await planExposeThroughHost(database, asked, settings)
  if (!asked.plan) await carryOut()
  return { way: 'host', address: exposure.address, port: exposure.port, typed: plan.steps.map(typed), advice: plan.obstacles.length === 0 ? [] : [obstacleLines(plan.obstacles).join('\n').trim()] }
}

interface Greeted {
  readonly product?: string
  readonly why?: string
  /** Somebody is there, who does not greet. */
  readonly isThere?: boolean
}

async function greetingOf({ protocol }: Exposable, { address, port, typed }: Exposed): Promise<Greeted> {
  const step = progress(process.stderr).step('greeting')
  const met = await greetsThrough(address!, port, protocol, typed.length === 0 ? 0 : CARRIED_OUT)
  if ('greeting' in met) {
    step.done(met.greeting.refuses === undefined ? met.greeting.product : `${met.greeting.product} refuses: ${met.greeting.refuses}`)
    return { product: met.greeting.product }
  }
  step.fail(met.why)
  return { why: met.why, isThere: met.reachable }
}

/** A database that does not greet is looked into in its guest; an address that leads nowhere, at Neutron's agents, or here. */
function nextLook({ way, address }: Exposed, isThere: boolean, { instance }: Exposable): string {
  if (isThere || way === 'host') return `\n  trovestrap diagnose ${instance.id}`
  return `\n  openstack network agent list      an L3 agent carries it out\n  ip route get ${address}      whether a way leads there from this host`
}

function tell({ instance, protocol, address: inside }: Exposable, exposed: Exposed, greeting: Greeted | undefined, { plan, json }: ExposeOptions): void {
  const { way, address, port, advice } = exposed
  const line = clientLine(protocol, address ?? 'ADDRESS', port)
  if (json) return void process.stdout.write(plainJson({ instance: instance.id, ...exposed, to: { address: inside, port: protocol.port }, connect: line, ...(greeting && { greeting }) }))
  const done = exposed.typed.length === 0 ? ['nothing was left to do'] : plan ? exposed.typed.map((words) => `  ${words}`) : []
  const led = `${address ?? 'an address of its own'}:${port} ${plan && exposed.typed.length > 0 ? 'would lead' : 'leads'} to ${instance.name ?? instance.id}, ${inside}:${protocol.port} (${{ 'port-forwarding': "Neutron's port forwarding", 'floating-ip': 'floating address', host: 'through this host' }[way]})`
  process.stdout.write([led, ...done, ...advice, line].map((text) => `${text}\n`).join(''))
}

function port(text: string): number {
  const value = /^\d{1,5}$/.test(text) ? Number(text) : 0
  if (value < 1 || value > 65535) throw new InvalidArgumentError('expected a port, 1 to 65535.')
  return value
}
