import { imageName } from '../instances/launch/check-image.ts'
import { versionName } from '../instances/launch/choose-version.ts'
import type { LaunchPlan } from '../instances/launch/plan-launch.ts'
import type { LaunchWish } from '../instances/launch/wish.ts'
import type { TroveInstance } from '../openstack/trove.ts'
import { printable } from '../diagnosis/printable.ts'

/** What is going to be asked for, for programs: names as they were resolved. */
export function planRows({ wish, project, datastore, version, flavor, image, network, warnings }: LaunchPlan): object {
  return {
    ...{ name: wish.name, project, datastore: { id: datastore.id, name: datastore.name }, version: { id: version.id, name: version.name } },
    flavor: { id: flavor.str_id, name: flavor.name, vcpus: flavor.vcpus, ram: flavor.ram, disk: flavor.disk },
    ...(image === undefined ? {} : { image: { id: image.id, name: image.name } }),
    ...(wish.size === undefined ? {} : { size: wish.size }),
    ...(network === undefined ? {} : { network: { id: network.id, name: network.name } }),
    ...{ databases: wish.databases, users: wish.users, warnings },
  }
}

/** The same, for people. */
export function planText(plan: LaunchPlan): string {
  const { wish, project, flavor, image, network, warnings } = plan
  const ephemeral = flavor.ephemeral ? `, ${flavor.ephemeral} GiB ephemeral` : ''
  const rows: [string, string][] = [
    ['datastore', versionName(plan)],
    ['image', image === undefined ? 'as the datastore version says' : imageName(image)],
    ['flavor', `${flavor.name}: ${flavor.vcpus} vCPUs, ${flavor.ram} MiB, disk ${flavor.disk} GiB${ephemeral}`],
    ['volume', wish.size === undefined ? 'none asked for' : `${wish.size} GiB`],
    ['network', network === undefined ? 'as Trove is configured' : `${network.name ?? ''} (${network.id})`],
    ...(wish.databases.length === 0 ? [] : [['databases', wish.databases.join(', ')] satisfies [string, string]]),
    ...(wish.users.length === 0 ? [] : [['users', wish.users.join(', ')] satisfies [string, string]]),
    ...warnings.map((warning): [string, string] => ['note', warning]),
  ]
  return `${printable(wish.name)} in project ${printable(project)}:\n${rows.map(([name, text]) => `  ${name.padEnd(10)} ${printable(text)}\n`).join('')}`
}

/** Where an instance that is there is another one than was wished for; as far as Trove's list tells. */
export function differences({ datastore, size }: LaunchWish, there: TroveInstance): string[] {
  const { datastore: has, volume } = there
  return [
    ...(has?.type != null && has.type !== datastore ? [`  it is ${printable(has.type)} ${printable(has.version ?? '')}, not ${printable(datastore)}`] : []),
    ...(size !== undefined && volume?.size != null && volume.size !== size ? [`  its volume has ${volume.size} GiB, not ${size}`] : []),
  ]
}
