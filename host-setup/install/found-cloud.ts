import { readFileSync, statSync } from 'node:fs'
import { parse } from 'yaml'

const CLOUDS = '/etc/openstack/clouds.yaml'
/** As devstack writes it (functions-common, write_clouds_yaml); its user is admin. */
const CLOUD = 'devstack-admin'

/**
 * The cloud that host-server can ask about new instances. A clouds.yaml that not everybody may read is left out: host-server is not root.
 * @param at a path of the host's as it is reached from here
 */
export function foundCloud(at: (path: string) => string): { name: string; file: string } | undefined {
  try {
    if ((statSync(at(CLOUDS)).mode & 0o004) === 0) return undefined
    const { clouds } = parse(readFileSync(at(CLOUDS), 'utf8')) as { clouds: object }
    return Object.hasOwn(clouds, CLOUD) ? { name: CLOUD, file: CLOUDS } : undefined
  } catch {
    return undefined
  }
}
