import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Service } from '../service.ts'
import { databaseUrl, tokenCheck, type Account } from './accounts.ts'
import { HOST } from './network.ts'
import { answering, program, writeConf } from './openstack-program.ts'
import { osloConf } from './oslo-conf.ts'
import { PORTS } from './ports.ts'

export const GLANCE_URL = `http://${HOST}:${PORTS.glance}`

/** Needs its tables; Keystone when it is first asked. */
export async function startGlance(dir: string, own: Account): Promise<Service> {
  const images = join(dir, 'images')
  await mkdir(images, { recursive: true, mode: 0o700 })
  const config = await writeConf(join(dir, 'glance-api.conf'), glanceConf(images, own))
  const glance = program({ name: 'glance-api', dir, args: ['--config-file', config], ...answering(`${GLANCE_URL}/`) })
  await glance.start()
  return glance
}

export function glanceConf(images: string, own: Account): string {
  return osloConf({
    DEFAULT: { bind_host: HOST, bind_port: PORTS.glance, workers: 1, enabled_backends: 'fs:file' },
    database: { connection: databaseUrl(own) },
    glance_store: { default_backend: 'fs' },
    fs: { filesystem_store_datadir: images },
    keystone_authtoken: tokenCheck(own),
    paste_deploy: { flavor: 'keystone', config_file: '/etc/glance/glance-api-paste.ini' },
    oslo_policy: { policy_dirs: '/etc/glance/policy.d' },
  })
}
