import { existsSync } from 'node:fs'
import type { Command } from 'commander'
import { planUninstall } from '../host-setup/install/uninstall.ts'
import { runCommand } from '../host-setup/run-command.ts'
import { CliError } from './exit.ts'
import { carryOutSteps, planText } from './install.ts'
import { setUpHost } from './set-up-host.ts'

interface UninstallOptions {
  readonly purge?: boolean
  readonly root: string
  readonly plan?: boolean
  readonly json?: boolean
}

/** `trovestrap uninstall` */
export function registerUninstall(program: Command): void {
  program
    .command('uninstall')
    .description('Take away what install made, by its record: program, units, command. Configuration, keys and what guests have reported stay; so does every file that was changed since.')
    .option('--purge', 'take configuration, keys, state and user as well: no image that was built trusts this host again')
    .option('--root <FOLDER>', 'another system that is mounted there, in place of this one', '/')
    .option('--plan', 'say what would be done, and do nothing')
    .option('--json', 'for programs')
    .addHelpText('after', '\nExamples:\n  sudo trovestrap uninstall --plan\n  sudo trovestrap uninstall\n  sudo trovestrap uninstall --purge\n\nExit codes: 0 well (also when nothing was left to do), 1 failed half-way (the same command goes on from there), 2 wrong usage, or something has to be done before.')
    .action(async ({ purge = false, root, plan: only, json }: UninstallOptions) => {
      if (root === '/' && !existsSync('/run/systemd/system')) throw new CliError('systemd does not run here, so nothing was installed.')
      await setUpHost(async () => {
        const plan = await planUninstall({ root, purge }, runCommand)
        if (!json) process.stdout.write(planText(plan))
        if (!only) await carryOutSteps(plan.steps)
        const { kept, stays } = plan
        const steps = plan.steps.map(({ name, text }) => ({ name, text }))
        if (json) process.stdout.write(`${JSON.stringify({ done: only !== true, steps, kept, stays }, null, 2)}\n`)
        else if (steps.length === 0) process.stdout.write(`nothing was left to do${stays.length === 0 ? '' : `; ${stays.join(', ')} stay until: trovestrap uninstall --purge`}\n`)
        else if (!only) process.stdout.write(stays.length === 0 ? 'nothing of ours is left\n' : `${stays.join(', ')} stay until: trovestrap uninstall --purge\n`)
      })
    })
}
