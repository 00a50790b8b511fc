import type { Command } from 'commander'
import { INSTANCE_ID } from '../contract/credential.ts'
import { typed } from '../host-setup/command.ts'
import { findInstance } from '../instances/find-instance.ts'
import { performAll } from '../instances/expose/operation.ts'
import { planUnexposeThroughHost } from '../instances/expose/through-host.ts'
import { unexposeOperations } from '../instances/expose/undo-exposure.ts'
import { Refusal } from '../instances/refusal.ts'
import type { Cloud } from '../openstack/cloud.ts'
import { askCloud } from './ask-cloud.ts'
import { cloudOf, withCloudOption } from './cloud-option.ts'
import { hostOf } from './diagnose-host.ts'
import { CliError, EXIT } from './exit.ts'
import { exposuresOnHost } from './exposures-on-host.ts'
import { patienceOf } from './patience.ts'
import { plainJson } from './plain-json.ts'
import { shownAs } from './progress.ts'
import { setUpHost } from './set-up-host.ts'

/** `trovestrap unexpose INSTANCE` */
export function registerUnexpose(program: Command): void {
  withCloudOption(program.command('unexpose').description('Take away exactly what expose made, by Neutron and on this host. An address that was there before stays.'))
    .argument('INSTANCE', 'id of an instance, 8 digits of its beginning or more, or its name; of one that is deleted, its whole id')
    .option('--plan', 'show what would be done, and do nothing')
    .option('--json', 'for programs')
    .addHelpText('after', '\nExamples:\n  trovestrap unexpose db-1 --plan\n  trovestrap unexpose db-1\n\nExit codes: 0 well (also when nothing was left to do), 1 failed, 2 wrong usage (nothing was changed).')
    .action(async (words: string, options: { plan?: boolean; json?: boolean }, command: Command) => {
      const cloud = cloudOf(command)
      await askCloud(async () => {
        const instance = await idOf(cloud, words)
        const operations = await shownAs('what expose made', 'looked for', () => unexposeOperations(cloud, instance, patienceOf()))
        const ofHost = await onThisHost(instance, command, options.plan === true)
        if (!options.plan && operations.length > 0) await shownAs('take it away', 'done', () => performAll(operations, patienceOf(), patienceOf))
        const all = [...operations.map(({ words }) => words), ...ofHost.typed]
        if (options.json) return void process.stdout.write(plainJson({ instance, typed: all, not_looked: ofHost.unseen === undefined ? [] : [`this host: ${ofHost.unseen}`] }))
        const end = all.length === 0 ? [`nothing of expose is left of ${instance}`] : [...all.map((line) => `  ${line}`), ...(options.plan ? [] : [`${instance} is not exposed any more`])]
        const unseen = ofHost.unseen === undefined ? [] : [`not looked: this host: ${ofHost.unseen}`, `  sudo trovestrap unexpose ${instance}      takes away rules of this host, if there are any`]
        process.stdout.write([...end, ...unseen].map((line) => `${line}\n`).join(''))
      })
    })
}

/** What was deleted may still have left something. */
async function idOf(cloud: Cloud, words: string): Promise<string> {
  try {
    return (await findInstance(cloud, words, patienceOf())).id
  } catch (error) {
    if (error instanceof Refusal && INSTANCE_ID.test(words.toLowerCase())) return words.toLowerCase()
    throw error
  }
}

/** Where this host has rules of ours for it; who has none here needs no root. */
async function onThisHost(instance: string, command: Command, isPlan: boolean): Promise<{ typed: string[]; unseen?: string }> {
  const host = hostOf(command.optsWithGlobals<{ config?: string }>().config, {})
  let exposed
  try {
    exposed = exposuresOnHost(host, instance)
  } catch (error) {
    const { message } = error as Error
    if (process.getuid?.() === 0) throw new CliError(`${message}\n  nothing was changed`, EXIT.usage, { cause: error })
    return { typed: [], unseen: message.split('\n')[0]! }
  }
  if (exposed.length === 0) return { typed: [] }
  return await setUpHost(async () => {
    const { plan, carryOut } = await planUnexposeThroughHost(instance, host.settings!)
    if (!isPlan) await carryOut()
    return { typed: plan.steps.map(typed) }
  })
}
