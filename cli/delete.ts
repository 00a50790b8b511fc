import type { Command } from 'commander'
import { INSTANCE_ID } from '../contract/credential.ts'
import { printable } from '../diagnosis/printable.ts'
import { askForDeletion, untilGone } from '../instances/delete/delete-instance.ts'
import { deletedInstance, findInstance, fittingInstances } from '../instances/find-instance.ts'
import { findLeftOvers, removeLeftOvers, type Found, type LeftOver, type Stays } from '../instances/left-over/left-over.ts'
import { Refusal } from '../instances/refusal.ts'
import type { Cloud } from '../openstack/cloud.ts'
import type { TroveInstance } from '../openstack/trove.ts'
import { askCloud } from './ask-cloud.ts'
import { askYes } from './ask-yes.ts'
import { cloudOf, withCloudOption } from './cloud-option.ts'
import { forgetRecord, leftOverPlaces } from './delete-places.ts'
import { deletedText, leftText, planText } from './delete-text.ts'
import { CliError, EXIT } from './exit.ts'
import { timeoutOption } from './launch-options.ts'
import { patienceOf } from './patience.ts'
import { plainJson } from './plain-json.ts'
import { progress, shownAs } from './progress.ts'

export interface DeleteOptions {
  readonly force?: boolean
  readonly keepRecords?: boolean
  readonly removeLeftOver?: boolean
  readonly plan?: boolean
  readonly json?: boolean
  readonly wait: boolean
  /** Seconds. */
  readonly timeout: number
  readonly troveConf?: string
}

/** Of whom we speak: an instance that Trove has, or the id of one that it has no more. */
type Wanted = Pick<TroveInstance, 'id' | 'name' | 'status'>

/** What a run has done. */
export interface Deleted extends Found {
  readonly instance: Wanted
  readonly gone: Gone
  readonly deleted: boolean
  readonly forgotten: boolean
  readonly removed: readonly LeftOver[]
  readonly stay: readonly Stays[]
}

/** `trovestrap delete INSTANCE` */
export function registerDelete(program: Command): void {
  withCloudOption(program.command('delete').description('Have Trove delete an instance, wait until it is gone, and find what it left behind: in RabbitMQ, Nova, Neutron, Cinder and here.'))
    .argument('INSTANCE', 'id of an instance, 8 digits of its beginning or more, or its name; the whole id of one that is gone already')
    .option('--force', 'have Trove forget what it is doing with the instance first: for one that hangs while it is built')
    .option('--remove-left-over', 'remove what is left behind (on a terminal it is asked)')
    .option('--keep-records', "keep host-server's record of it, with its credential")
    .option('--wait', 'until it is gone', true)
    .option('--no-wait', 'do not wait, and look for nothing that is left')
    .addOption(timeoutOption('how long to wait until it is gone', '5m'))
    .option('--plan', 'say what would be done, and do nothing')
    .option('--json', 'for programs')
    .option('--trove-conf <FILE>', 'trove.conf of the control plane, which says where its RabbitMQ is (default: as configured, else /etc/trove/trove.conf)')
    .addHelpText('after', HELP)
    .action(async (words: string, options: DeleteOptions, command: Command) => {
      const cloud = cloudOf(command)
      await askCloud(async () => {
        const { instance, gone } = await wantedInstance(cloud, words)
        const places = leftOverPlaces(cloud, instance, options, command, gone !== 'maybe')
        if (options.plan) {
          const found = gone ? await findLeftOvers(places, patienceOf) : { left: [], unseen: [] }
          return void process.stdout.write(options.json ? plainJson({ ...who(instance), gone, ...jsonOf(found) }) : planText(instance, gone !== false, options, Object.keys(places), found))
        }
        const deleted = !gone && (await shownAs('ask Trove', options.force ? 'it has forgotten what it did, and deletes' : 'it deletes', () => askForDeletion(cloud, instance, options.force === true, patienceOf(options.timeout * 1000))))
        if (!gone && !options.wait) return void process.stdout.write(options.json ? plainJson({ ...who(instance), asked: true }) : `Trove deletes ${printable(instance.name ?? instance.id)}.\n  trovestrap delete ${instance.id}      waits until it is gone, and finds what it left\n`)
        if (!gone) await waitUntilGone(cloud, instance, options)
        const { forgotten, why } = options.keepRecords === true || gone === 'maybe' ? { forgotten: false } : await forgetRecord(instance.id, command)
        const { left, unseen } = await shownAs('what is left', 'looked for', () => findLeftOvers(places, patienceOf))
        const unsure = why === undefined ? unseen : [`host-server's record of it: ${why}; sudo trovestrap forget ${instance.id}`, ...unseen]
        end(await cleanUp({ instance, gone, deleted, forgotten, left, unseen: unsure, removed: [], stay: [] }, options), options)
      })
    })
}

/** Whether it is gone; `maybe`: this project has none of that id, and whether another one has is not for it to know. */
type Gone = boolean | 'maybe'

/** Who is gone may have left something all the same. */
async function wantedInstance(cloud: Cloud, words: string): Promise<{ instance: Wanted; gone: Gone }> {
  const isId = INSTANCE_ID.test(words.toLowerCase())
  if ((await fittingInstances(cloud, words, patienceOf())).length === 0) {
    const one = await deletedInstance(cloud, words, patienceOf())
    if (one !== undefined) return { instance: { id: one.id, ...(one.name == null ? {} : { name: one.name }) }, gone: true }
    if (isId && !(await cloud.session(patienceOf())).admin) return { instance: { id: words.toLowerCase() }, gone: 'maybe' }
  }
  return { instance: await findInstance(cloud, words, patienceOf()), gone: false }
}

async function waitUntilGone(cloud: Cloud, instance: TroveInstance, { timeout, force }: DeleteOptions): Promise<void> {
  const name = printable(instance.name ?? instance.id)
  const step = progress(process.stderr).step(`delete ${name}`)
  const stop = new AbortController()
  const interrupt = (): void => stop.abort()
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt)
  const remains = await untilGone(cloud, instance, Date.now() + timeout * 1000, stop.signal, ({ trove, nova }) => step.update([...(trove === undefined ? [] : [`Trove: ${trove}`]), ...(nova === undefined ? [] : [`Nova: ${nova}`])].join(' · '))).finally(() => process.off('SIGINT', interrupt).off('SIGTERM', interrupt))
  if (remains.trove === undefined && remains.nova === undefined) return step.done('gone from Trove and Nova')
  step.fail('')
  const still = [remains.trove === undefined ? '' : `Trove still has it (${remains.trove})`, remains.nova === undefined ? '' : `Nova still has its server (${remains.nova})`].filter((word) => word !== '').join(', ')
  const type = remains.trove === undefined ? `trovestrap delete ${instance.id} --remove-left-over      takes the server away` : force ? `trovestrap diagnose ${instance.id}` : `trovestrap delete ${instance.id} --force`
  throw new Refusal(stop.signal.aborted ? `${name} goes on being deleted; the same command again goes on waiting.` : `${name} is not gone within ${timeout} s: ${still}.\n  ${type}`, 'failed')
}

/** Removes what is left where that is wanted. */
async function cleanUp(run: Deleted, options: DeleteOptions): Promise<Deleted> {
  if (run.left.length === 0) return run
  const wanted = options.removeLeftOver === true || (!options.json && (await askYes(`${leftText(run)}Remove it?`)))
  if (!wanted) return run
  const step = progress(process.stderr).step('remove what is left')
  const outcome = await removeLeftOvers(run.left, patienceOf, ({ what }) => step.update(what))
  if (outcome.stay.length > 0) step.fail('')
  else step.done('removed')
  return { ...run, ...outcome }
}

function end(run: Deleted, { json }: DeleteOptions): void {
  process.stdout.write(json ? plainJson({ ...who(run.instance), deleted: run.deleted, forgotten: run.forgotten, ...jsonOf(run), removed: run.removed.map(({ what }) => what), stay: run.stay.map(({ left, why }) => ({ what: left.what, why })) }) : deletedText(run))
  if (run.stay.length > 0) throw new CliError('', EXIT.failed)
}

/** Trove's own answer has more, and a password among it. */
function who({ id, name, status }: Wanted): object {
  return { id, name, status }
}

function jsonOf({ left, unseen }: Found): object {
  return { left: left.map(({ what, command }) => ({ what, command })), not_looked: unseen }
}

const HELP = `
Examples:
  trovestrap delete db-1
  trovestrap delete db-1 --force --remove-left-over
  trovestrap delete 5b2d1f3e-0000-4000-8000-000000000001 --plan      what an instance that is gone has left

Exit codes: 0 it is gone (also when it was before; what is left is named), 1 failed, or something could not be removed, 2 wrong usage.`
