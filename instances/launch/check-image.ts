import { printable } from '../../contract/printable.ts'
import type { Image } from '../../openstack/glance/images.ts'
import type { Flavor } from '../../openstack/trove/datastores.ts'
import { Refusal } from '../refusal.ts'

const GIB = 2 ** 30

/** Whether Nova boots it. @throws Refusal */
export function checkImage(image: Image): void {
  if (image.status === 'active') return
  const type = image.status === 'deactivated' ? `openstack image set --activate ${image.id}` : 'openstack image show shows whether an upload goes on; trovestrap image publish does it again'
  throw new Refusal(`image ${imageName(image)} is ${image.status}, not active: Nova does not boot it.\n  ${type}`)
}

/**
 * Whether the image fits into the flavor's disk and memory, which Nova looks at when the instance is half made.
 * @param others flavors that may be taken instead
 * @throws Refusal that names those that are large enough
 */
export function checkFits(image: Image, flavor: Flavor, others: readonly Flavor[]): void {
  const { disk, why } = neededDisk(image)
  const ram = image.min_ram ?? 0
  const fits = (one: Flavor): boolean => (one.disk === 0 || one.disk >= disk) && one.ram >= ram
  if (fits(flavor)) return
  const what = flavor.ram < ram ? `memory of ${flavor.ram} MiB, and image ${imageName(image)} wants ${ram} MiB (min_ram)` : `disk of ${flavor.disk} GiB, and image ${imageName(image)} needs ${disk} GiB (${why})`
  const enough = others.filter(fits).map(({ name }) => printable(name))
  throw new Refusal(`flavor ${printable(flavor.name)} has a ${what}.\n  ${enough.length === 0 ? `no flavor is large enough: openstack flavor create --ram ${Math.max(ram, flavor.ram)} --disk ${disk} --vcpus ${flavor.vcpus} NAME` : `large enough: ${enough.slice(0, 10).join(', ')}`}`)
}

export function imageName({ id, name }: Image): string {
  return name == null || name === '' ? id : `${printable(name)} (${id})`
}

/** GiB. The disk in the image counts, not the file; where Glance does not know it, the file is the least that it can be. */
function neededDisk({ min_disk, virtual_size, size }: Image): { disk: number; why: string } {
  const unpacked = Math.ceil((virtual_size ?? size ?? 0) / GIB)
  return (min_disk ?? 0) >= unpacked ? { disk: min_disk ?? 0, why: 'min_disk' } : { disk: unpacked, why: virtual_size == null ? 'its file' : 'its disk' }
}
