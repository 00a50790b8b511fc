import type { Cloud } from '../../openstack/cloud.ts'
import { CloudError } from '../../openstack/cloud-error.ts'
import { switchImage } from '../../openstack/glance/image-records.ts'
import { changesBefore, withIds, type Plan, type Role } from '../plan/plan.ts'
import { Failure } from '../refusal.ts'
import type { Steps } from '../steps.ts'
import type { PublishWish } from '../wish.ts'
import { within } from '../within.ts'
import { putImage } from './put-image.ts'
import { setDefault, setVersion, setVersionByHand } from './set-version.ts'
import { troveManage, troveManageText } from './trove-manage.ts'

/** Seconds. */
const CALL = 60

export interface Surroundings {
  readonly cloud: Cloud
  /** Of the control plane, for trove-manage. */
  readonly troveConf: string
  /** Whether Trove has the datastore, where its API makes none. */
  readonly knowsDatastore: boolean
  /** Binds a bootstrap token to an image; says why where it cannot. */
  readonly bind: (token: string, image: string) => Promise<string | undefined>
}

export interface Done {
  readonly ids: Readonly<Partial<Record<Role, string>>> & { readonly image: string }
  /** What is left for the operator to do, with what to type. */
  readonly left: readonly string[]
}

/**
 * Does what the plan says, in an order in which each step may be the last: images before what names them, the newer one before older ones go.
 * @throws Failure that says what stands; the same again goes on there
 */
export async function carryOut(plan: Plan, wish: PublishWish, around: Surroundings, steps: Steps, signal: AbortSignal): Promise<Done> {
  const { cloud, troveConf } = around
  const called = `${wish.datastore} ${wish.version}`
  const ids = await putImages(cloud, plan, steps, signal)
  const step = async (name: string, done: string, work: () => Promise<void>): Promise<void> => {
    steps.begin(name)
    await work().catch((error: unknown) => {
      throw error instanceof CloudError ? new Failure(`${error.message}; image ${ids.image} is in Glance.\n  type the same again: it goes on there`, { cause: error }) : error
    })
    steps.done(done)
  }
  if (plan.create !== undefined || plan.change !== undefined) {
    await step('datastore version', called, () => (plan.api ? setVersion(cloud, plan, ids.image, signal) : setVersionByHand(troveConf, plan, ids.image, around.knowsDatastore, signal)))
  }
  const { makeDefault, rules } = plan
  if (makeDefault !== undefined) await step('default version', called, () => setDefault(cloud, makeDefault, wish, troveConf, signal))
  for (const { id } of plan.deactivate) await step('deactivate', id, () => switchImage(cloud, id, 'deactivate', within(CALL, signal)))
  const left: string[] = []
  if (plan.bind !== undefined) left.push(...list(await around.bind(plan.bind, ids.image)))
  if (rules !== undefined) left.push(...list(await loadParameters(troveConf, wish, plan.number, rules, steps, signal)))
  return { ids, left }
}

async function putImages(cloud: Cloud, plan: Plan, steps: Steps, signal: AbortSignal): Promise<Done['ids']> {
  const ids: Partial<Record<Role, string>> = {}
  for (const planned of plan.images) {
    const image = planned.role === 'image' ? withIds(planned, ids) : planned
    const untouched = image.there?.status === 'active' && image.remove.length === 0 && changesBefore(image).length === 0
    ids[image.role] = untouched ? image.there.id : await putImage(cloud, image, steps, signal)
  }
  return { ...ids, image: ids.image! }
}

/** Databases come up without them: only configuration groups want them. So this is said, and ends nothing. */
async function loadParameters(troveConf: string, { datastore, version }: PublishWish, number: string, rules: string, steps: Steps, signal: AbortSignal): Promise<string | undefined> {
  const args = ['db_load_datastore_config_parameters', datastore, version, rules, '--version', number]
  steps.begin('configuration')
  try {
    await troveManage(troveConf, args, signal)
    steps.done(`parameters of ${datastore} ${version}`)
    return undefined
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    steps.done('parameters were not loaded')
    return `configuration groups of ${datastore} ${version} have no parameters yet (${error.message.split('\n')[0]})\n  on the host of Trove:  ${troveManageText(troveConf, args)}`
  }
}

function list(text: string | undefined): string[] {
  return text === undefined ? [] : [text]
}
