// What a cloud with one datastore, two flavors, an image and a network answers, as the real services did.
import { PROJECT, type Answering } from '../../openstack/stand-in-cloud.ts'

export const IMAGE = { id: 'ab8ca3c5-73b6-4e06-a8f0-9c5024631b0b', name: 'trove-guest', status: 'active', min_disk: 0, min_ram: 0, virtual_size: 4 * 2 ** 30, size: 883_818_496 }
export const VERSION = { id: 'f0b65135-d48f-4ac7-81d9-829922270659', name: '5.7.29', version: '5.7.29', active: 1, image: IMAGE.id, image_tags: [] as string[] }
export const SMALL = { id: 1, str_id: '1', name: 'small', ram: 512, vcpus: 1, disk: 2, ephemeral: 1 }
export const LARGE = { id: 2, str_id: '2', name: 'large', ram: 2048, vcpus: 2, disk: 6, ephemeral: 1 }
export const USERS = { id: '11111111-0000-4000-8000-000000000001', name: 'users', subnets: ['s1'], admin_state_up: true }
export const DATASTORE = { id: '8b990004-3aab-4d9b-a0fe-11999bd96aab', name: 'mysql', default_version: VERSION.id, versions: [VERSION, { ...VERSION, id: 'a0000000-d48f-4ac7-81d9-829922270659', name: 'old', version: 'old', active: 0 }] }

const TROVE = `/v1.0/${PROJECT}`
export const AT = {
  datastores: `GET ${TROVE}/datastores`,
  flavors: `GET ${TROVE}/datastores/${DATASTORE.id}/versions/${VERSION.id}/flavors`,
  quotas: `GET ${TROVE}/mgmt/quotas/${PROJECT}`,
  limits: 'GET /compute/v2.1/limits',
  image: `GET /image/v2/images/${IMAGE.id}`,
  own: `GET ${TROVE}/instances/detail`,
  create: `POST ${TROVE}/instances`,
} as const

export function routes(): Record<string, Answering> {
  return {
    [AT.datastores]: () => ({ datastores: [DATASTORE] }),
    [AT.flavors]: () => ({ flavors: [SMALL, LARGE] }),
    [AT.quotas]: () => ({ quotas: [{ resource: 'instances', in_use: 0, reserved: 0, limit: 10 }, { resource: 'ram', in_use: 0, reserved: 0, limit: -1 }] }),
    [AT.limits]: () => ({ limits: { absolute: { maxTotalInstances: 10, totalInstancesUsed: 0, maxTotalCores: 20, totalCoresUsed: 0, maxTotalRAMSize: 51200, totalRAMUsed: 0 } } }),
    [AT.image]: () => IMAGE,
    'GET /networking/v2.0/networks': (request) => {
      const { id, name } = request.query as { id?: string; name?: string }
      return { networks: id === USERS.id || name === USERS.name ? [USERS] : [] }
    },
  }
}
