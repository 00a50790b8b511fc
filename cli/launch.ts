import type { Command } from 'commander'
import { planLaunch } from '../instances/launch/plan-launch.ts'
import { instanceOfName, launch } from '../instances/launch/launch.ts'
import type { TroveInstance } from '../openstack/trove.ts'
import { askCloud } from './ask-cloud.ts'
import { cloudOf } from './cloud-option.ts'
import { CliError, EXIT } from './exit.ts'
import { withLaunchOptions, wishOf, type LaunchOptions } from './launch-options.ts'
import { passwordsOf } from './launch-passwords.ts'
import { differences, planRows, planText } from './launch-text.ts'
import { launchOutcome, outcomeJson, outcomeText, waitForInstance } from './launch-wait.ts'
import { patienceOf } from './patience.ts'
import { shownAs } from './progress.ts'
import { plainJson } from './plain-json.ts'

/** `trovestrap launch NAME` */
export function registerLaunch(program: Command): void {
  withLaunchOptions(program.command('launch').description('Have Trove make a database instance: everything is checked first and said, and with --wait it is watched until its database greets.'))
    .argument('NAME', 'what the instance is to be called; one of that name that is there already is taken')
    .addHelpText('after', HELP)
    .action(async (name: string, options: LaunchOptions, command: Command) => {
      const wish = wishOf(name, options)
      const cloud = cloudOf(command)
      const { say, tell } = voices(options)
      await askCloud(async () => {
        const there = await instanceOfName(cloud, name, patienceOf())
        if (there?.status === 'SHUTDOWN') throw new CliError(`${name} (${there.id}) is there already, and it is SHUTDOWN: it is being deleted, or has lost its server.\n  trovestrap delete ${there.id}      waits until it is gone`, EXIT.failed)
        if (there?.status === 'ERROR' && !options.wait) throw new CliError(`${name} (${there.id}) is there already, and it is broken (ERROR).\n  trovestrap diagnose ${there.id}      says why\n  trovestrap delete ${there.id}        takes it away, for another try`, EXIT.failed)
        if (there !== undefined) say(`${name} is there already (${there.id}, ${there.status ?? 'without a status'}): nothing is asked for twice.`)
        if (there !== undefined) for (const line of differences(wish, there)) say(line)
        const instance = there ?? (await make())
        if (instance === undefined) return
        if (options.wait && !options.plan) return await wait(instance, there === undefined)
        tell({ id: instance.id, name: instance.name, status: instance.status, made: there === undefined }, there === undefined ? `Trove makes ${name} (${instance.id}).\n  trovestrap launch ${name} --datastore ${wish.datastore} --flavor ${wish.flavor} --wait      watches it\n` : '')
      })

      async function make(): Promise<TroveInstance | undefined> {
        const plan = await shownAs('checks', 'everything that is asked for is there', () => planLaunch(cloud, wish, patienceOf()))
        if (options.plan) return void tell(planRows(plan), `${planText(plan)}Nothing was asked for: --plan.\n`)
        process.stderr.write(planText(plan))
        return await launch(cloud, plan, await passwordsOf(wish.users, options, say), patienceOf())
      }

      async function wait(instance: TroveInstance, made: boolean): Promise<void> {
        const waited = await waitForInstance({ cloud, instance, options, named: command.optsWithGlobals<{ config?: string }>().config })
        tell({ made, ...outcomeJson(waited) }, outcomeText(waited))
        const code = launchOutcome(waited)
        if (code !== EXIT.well) throw new CliError('', code)
      }
    })
}

/** What a person hears on the way, and what is said in the end: that is for programs where they ask. */
function voices({ json }: LaunchOptions): { say(line: string): void; tell(value: object, text: string): void } {
  return {
    say: (line) => void process.stderr.write(`${line}\n`),
    tell: (value, text) => void process.stdout.write(json ? plainJson(value) : text),
  }
}

const HELP = `
Examples:
  trovestrap launch db-1 --datastore mysql --flavor db.small --size 2 --plan
  trovestrap launch db-1 --datastore mysql --version 8.0 --flavor db.small --size 2 --network private --wait
  trovestrap launch db-1 --datastore mysql --flavor 6 --database shop --user shop --password-file shop.password --wait

Exit codes: 0 well, 1 failed, 2 wrong usage or a wish that cannot be met (nothing was asked for),
            3 it does not come up and the cause was found, 4 it does not come up and the cause is undecided.`
