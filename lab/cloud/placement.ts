import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Service } from '../service.ts'
import { databaseUrl, tokenCheck, type Account } from './accounts.ts'
import { HOST } from './network.ts'
import { writeConf, wsgiProgram } from './openstack-program.ts'
import { osloConf } from './oslo-conf.ts'
import { PORTS } from './ports.ts'

/** Needs its tables; Keystone when it is first asked. */
export async function startPlacement(dir: string, own: Account): Promise<Service> {
  await mkdir(dir, { recursive: true, mode: 0o700 })
  await writeConf(join(dir, 'placement.conf'), placementConf(own))
  const placement = wsgiProgram({ name: 'placement', dir, script: '/usr/bin/placement-api', env: { OS_PLACEMENT_CONFIG_DIR: dir }, address: HOST, port: PORTS.placement, processes: 1 })
  await placement.start()
  return placement
}

export function placementConf(own: Account): string {
  return osloConf({
    api: { auth_strategy: 'keystone' },
    placement_database: { connection: databaseUrl(own) },
    keystone_authtoken: tokenCheck(own),
  })
}
