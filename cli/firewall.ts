import { Option, type Command } from 'commander'
import { BACKENDS, type BackendName } from '../host-setup/firewall/backend.ts'
import { planClosing, planOpening, type FirewallSettings, type Planned } from '../host-setup/firewall/open.ts'
import { CliError, EXIT } from './exit.ts'
import { obstacleLines, planJson, planText } from './firewall-text.ts'
import { progress } from './progress.ts'
import { setUpHost } from './set-up-host.ts'
import { settingsFile, settingsOrExplain } from './settings-file.ts'

interface FirewallOptions {
  readonly backend?: BackendName
  readonly guests?: string[]
  readonly outbound?: string
  readonly remembered?: boolean
  readonly json?: boolean
}

/** `trovestrap firewall plan|apply|remove` */
export function registerFirewall(program: Command): void {
  const firewall = program
    .command('firewall')
    .description("Open this host for its guests: the control plane's ports, the way to the outside, masquerade. Only a table, policies or rules of our own are ever changed.")
    .addHelpText(
      'after',
      '\nExamples:\n  sudo trovestrap firewall plan\n  sudo trovestrap firewall apply --guests 192.168.254.0/24 --outbound eth0\n  sudo trovestrap firewall remove\n\nExit codes: 0 well (also when nothing was left to do), 1 failed, or opened here and dropped by a chain that is not ours, 2 wrong usage or configuration (nothing was changed).',
    )

  withWish(firewall.command('plan').description('Show what apply would type, and what would still be in the way. Nothing is changed.')).action(async (options: FirewallOptions, command: Command) => {
    await setUpHost(async () => {
      const settings = firewallSettings(command)
      const planned = await planOpening(options, settings)
      process.stdout.write(options.json ? asJson(planJson(planned)) : planText(planned.plan, settings.listen.port))
    })
  })

  withWish(firewall.command('apply').description('Open what is not open yet. Without options as it was applied before, or as the configuration and this host tell.'))
    .option('--remembered', 'exactly what was applied and exposed before: for the start of the machine (trovestrap-firewall.service)')
    .action(async (options: FirewallOptions, command: Command) => {
      const planned = await setUpHost(async () => await carriedOut('open for guests', await planOpening(options, firewallSettings(command))))
      const { obstacles, steps } = planned.plan
      process.stdout.write(options.json ? asJson(planJson(planned)) : `${[steps.length === 0 ? 'nothing was left to do' : `open; back as it was with: trovestrap firewall remove`, ...obstacleLines(obstacles)].join('\n')}\n`)
      const dropping = obstacles.filter(({ certain }) => certain)
      if (dropping.length > 0) throw new CliError(`what is open here is dropped by ${[...new Set(dropping.map(({ chain }) => chain))].join(', ')}; what to type stands above`, EXIT.failed)
    })

  firewall
    .command('remove')
    .description('Take away all that apply did, also ip_forward where it was switched on by it.')
    .option('--json', 'for programs')
    .action(async (options: { json?: boolean }, command: Command) => {
      const planned = await setUpHost(async () => await carriedOut('take away', await planClosing(firewallSettings(command))))
      process.stdout.write(options.json ? asJson(planJson(planned)) : planned.plan.steps.length === 0 ? 'nothing was left to do\n' : 'nothing of ours is left\n')
    })
}

function withWish(command: Command): Command {
  return command
    .addOption(new Option('--backend <NAME>', 'which firewall (default: firewalld or ufw where one is active, else nftables)').choices(BACKENDS))
    .option('--guests <CIDR...>', "the guests' networks, IPv4 (default: as applied before, else the network of this host in which an address of names: lies)")
    .option('--outbound <IFACE>', 'the interface to the outside (default: as applied before, else that of the default route)')
    .option('--json', 'for programs')
}

/** @returns the same, done; on stderr it is told that something is going on */
async function carriedOut(name: string, planned: Planned): Promise<Planned> {
  if (planned.plan.steps.length === 0) {
    await planned.carryOut()
    return planned
  }
  const step = progress(process.stderr).step(name)
  try {
    await planned.carryOut()
    step.done(`${planned.plan.steps.length} ${planned.plan.steps.length === 1 ? 'command' : 'commands'}`)
    return planned
  } catch (error) {
    step.fail('')
    throw error
  }
}

function firewallSettings(command: Command): FirewallSettings {
  return settingsOrExplain(settingsFile(command), 'nothing was changed')
}

function asJson(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`
}
