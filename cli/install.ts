import { existsSync, realpathSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { InvalidArgumentError, type Command } from 'commander'
import { configurationFaults } from '../host-setup/install/faults.ts'
import { planInstall, type InstallPlan, type InstallStep } from '../host-setup/install/plan-install.ts'
import { readRecord } from '../host-setup/install/record.ts'
import { HOST_UNIT, PLACES } from '../host-setup/install/system-files.ts'
import { runCommand } from '../host-setup/run-command.ts'
import { CliError, EXIT } from './exit.ts'
import { operatorAccess } from './operator-access.ts'
import { OperatorClient } from './operator-client.ts'
import { progress } from './progress.ts'
import { setUpHost } from './set-up-host.ts'

interface InstallOptions {
  readonly prefix?: string
  readonly user?: string
  readonly name?: string[]
  readonly root: string
  readonly plan?: boolean
  readonly json?: boolean
}

const ANSWERS_MS = 30_000
const LOOK_EVERY_MS = 250
const CHECKOUT = realpathSync(join(import.meta.dirname, '..'))

/** `trovestrap install` */
export function registerInstall(program: Command): void {
  program
    .command('install')
    .description('Set host-server up on this host: a copy of this program with its Node, user, folders, units, configuration and keys. Says first what it is going to do; what is there stays.')
    .option('--prefix <FOLDER>', 'where the program goes (default: /opt/trovestrap; a checkout that lies there is used as it is)', folder)
    .option('--user <NAME>', 'user that host-server runs as (default: trovestrap)', userName)
    .option('--name <NAME>', 'name or address by which guests reach this host, for a new configuration file; repeatable (default: those of this host)', (name: string, before: string[] | undefined) => [...(before ?? []), name])
    .option('--root <FOLDER>', 'another system that is mounted there, in place of this one; nothing is started', folder, '/')
    .option('--plan', 'say what would be done, and do nothing')
    .option('--json', 'for programs')
    .addHelpText('after', '\nExamples:\n  sudo trovestrap install --plan\n  sudo trovestrap install --name controller --name 192.0.2.10\n  sudo trovestrap install --root /mnt/image\n\nExit codes: 0 well (also when nothing was left to do), 1 failed half-way (the same command goes on from there), 2 wrong usage, something in the way, or a configuration that is not complete: all is installed then, and nothing started.')
    .action(async (options: InstallOptions) => {
      const { root } = options
      if (root === '/' && !existsSync('/run/systemd/system')) throw new CliError('systemd does not run here, and host-server is set up as its unit.\n  trovestrap serve      runs it without one')
      await setUpHost(async () => {
        const before = readRecord(join(root, PLACES.record))
        const wish = { checkout: CHECKOUT, prefix: options.prefix ?? before?.prefix ?? '/opt/trovestrap', user: options.user ?? before?.user ?? 'trovestrap', root, ...(options.name === undefined ? {} : { names: options.name }) }
        const plan = await planInstall(wish, runCommand)
        if (!options.json) process.stdout.write(planText(plan))
        if (!options.plan) await carryOutSteps(plan.steps)
        const tell = (started: boolean | undefined): boolean =>
          process.stdout.write(options.json ? `${JSON.stringify({ done: options.plan !== true, steps: plan.steps.map(({ name, text }) => ({ name, text })), kept: plan.kept, ...(started === undefined ? {} : { started }) }, null, 2)}\n` : nextText(plan, options, started))
        if (options.plan || root !== '/') return void tell(undefined)
        tell(await start(wish.user, plan).catch((error: unknown) => {
          if (options.json) tell(false)
          throw error
        }))
      })
    })
}

/** @throws CliError that names the step; what was done before stands */
export async function carryOutSteps(steps: readonly InstallStep[]): Promise<void> {
  const told = progress(process.stderr)
  for (const { name, text, run } of steps) {
    const step = told.step(name)
    try {
      await run()
      step.done(text)
    } catch (error) {
      step.fail(text)
      throw new CliError(`${name}: ${(error as Error).message}\n  what was done before stands; the same command goes on from here`, EXIT.failed, { cause: error })
    }
  }
}

/** Starts host-server where its configuration lets it, and again where something of it is new. @returns whether it was started now @throws CliError with every fault */
async function start(user: string, { steps }: InstallPlan): Promise<boolean> {
  const faults = await configurationFaults(PLACES.config, user, runCommand)
  if (faults.length > 0) {
    const width = Math.max(...faults.map(({ key }) => key.length))
    throw new CliError([`${HOST_UNIT} is installed and was not started: ${faults.length === 1 ? '1 fault' : `${faults.length} faults`} in ${PLACES.config} or what it names.`, ...faults.map(({ key, problem }) => `  ${key.padEnd(width)}  ${problem}`), '  then: sudo trovestrap install'].join('\n'))
  }
  if (steps.length === 0 && (await answers().then(() => true, () => false))) return false
  await carryOutSteps([{ name: 'start', text: HOST_UNIT, run: restartHost }])
  return true
}

/** @throws CliError where host-server does not answer on this host */
async function answers(): Promise<void> {
  await new OperatorClient(operatorAccess(PLACES.config)).health()
}

/** systemd calls it started once its process is; it answers some time later, or ends with what is wrong. */
async function restartHost(): Promise<void> {
  try {
    await runCommand({ program: 'systemctl', args: ['restart', HOST_UNIT] })
    const until = Date.now() + ANSWERS_MS
    for (;;) {
      try {
        return await answers()
      } catch (error) {
        if (Date.now() > until) throw error
        await delay(LOOK_EVERY_MS)
      }
    }
  } catch (error) {
    throw new Error(`${(error as Error).message.split('\n')[0]}\n  journalctl -u ${HOST_UNIT} -n 20      says why`, { cause: error })
  }
}

export function planText({ steps, kept }: Pick<InstallPlan, 'steps' | 'kept'>): string {
  const width = Math.max(0, ...steps.map(({ name }) => name.length))
  return [...steps.map(({ name, text }) => `${name.padEnd(width)}  ${text}`), ...keptText(kept)].map((line) => `${line}\n`).join('')
}

function keptText(kept: readonly string[]): string[] {
  return kept.length === 0 ? [] : [`changed by somebody since it was installed, so it stays: ${kept.slice(0, 5).join(', ')}${kept.length > 5 ? ` and ${kept.length - 5} more` : ''}`]
}

function nextText({ steps }: InstallPlan, { plan, root }: InstallOptions, started: boolean | undefined): string {
  if (steps.length === 0 && started !== true) return 'nothing was left to do\n'
  if (plan) return ''
  if (root !== '/') return `installed into ${root}; host-server starts with that system\n`
  return 'host-server is started: systemctl status trovestrap-host, trovestrap status\n'
}

function folder(text: string): string {
  if (!isAbsolute(text) || !/^[\w@%+=:,./-]+$/.test(text) || text.split('/').includes('..')) throw new InvalidArgumentError('expected an absolute path of letters, digits and -_.,:=+@%.')
  return text.replace(/(?<=.)\/+$/, '')
}

function userName(text: string): string {
  if (!/^[a-z_][a-z0-9_-]{0,30}$/.test(text)) throw new InvalidArgumentError('expected the name of a user: lower case, digits, - and _.')
  return text
}
