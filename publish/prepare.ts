import { stat } from 'node:fs/promises'
import type { Cloud } from '../openstack/cloud.ts'
import { digestsOf } from './digests.ts'
import { examineDisk } from './disk-format.ts'
import { planPublication, type Plan, type Seen } from './plan/plan.ts'
import { Refusal } from './refusal.ts'
import type { Steps } from './steps.ts'
import { requireFlavor, survey, type RulesOf } from './survey.ts'
import { sizeText } from './transfer-text.ts'
import { minDisk, type ImageFile, type PublishWish } from './wish.ts'
import { within } from './within.ts'

/** What an operator asks for. */
export interface Order extends Omit<PublishWish, 'image' | 'kernel' | 'initrd'> {
  readonly image: string
  readonly kernel?: string
  readonly initrd?: string
  /** One that instances are going to have. */
  readonly flavor?: string
  readonly rulesOf: RulesOf
  /** That lies in the image. */
  readonly token?: Seen['token']
}

export interface Prepared {
  readonly wish: PublishWish
  readonly plan: Plan
  readonly knowsDatastore: boolean
}

/**
 * Looks at the files and at the cloud, and changes nothing.
 * @throws Refusal when it cannot be done as it was asked for
 * @throws CloudError
 */
export async function prepare(cloud: Cloud, order: Order, steps: Steps, signal: AbortSignal): Promise<Prepared> {
  const { image, kernel, initrd, flavor, rulesOf, token, ...rest } = order
  const disk = await examineDisk(image)
  steps.begin('cloud')
  const { project } = await cloud.session(within(30, signal))
  if (flavor !== undefined) await requireFlavor(cloud, flavor, disk, signal)
  steps.done(`project ${project} at ${new URL(cloud.settings.authUrl).host}`)
  steps.begin('look')
  const { knowsDatastore, ...seen } = await survey(cloud, rest, rulesOf, token, signal)
  steps.done(`${seen.records.length} images of this project, ${seen.versions.length} datastore versions`)
  steps.begin('read')
  const file = async (path: string): Promise<ImageFile> => ({ path, bytes: await sizeOf(path), sha512: (await digestsOf(path, ['sha512'], { tell: steps.update, signal })).sha512 })
  const wish = {
    ...rest,
    image: { ...disk, ...(await file(image)) },
    ...(kernel === undefined ? {} : { kernel: await file(kernel) }),
    ...(initrd === undefined ? {} : { initrd: await file(initrd) }),
  }
  steps.done(`${disk.format}, ${sizeText(disk.bytes)}, a disk of ${minDisk(disk)} GiB, sha512 ${wish.image.sha512.slice(0, 16)}…`)
  return { wish, plan: planPublication(wish, seen), knowsDatastore }
}

async function sizeOf(path: string): Promise<number> {
  const info = await stat(path).catch(() => undefined)
  if (info?.isFile() !== true || info.size === 0) throw new Refusal(`${path} is no file that could be uploaded`)
  return info.size
}
