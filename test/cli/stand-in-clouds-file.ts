import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { PASSWORD, type StandIn } from '../openstack/stand-in-cloud.ts'

/** For verbs, which find their cloud as every OpenStack client does: a clouds.yaml that leads to the stand-in, while the test runs. */
export function standInCloudsFile(t: Test, { settings }: StandIn): void {
  const folder = mkdtempSync(join(tmpdir(), 'clouds-'))
  const file = join(folder, 'clouds.yaml')
  writeFileSync(file, `clouds: { lab: { auth: { auth_url: "${settings.authUrl}", username: admin, password: ${PASSWORD}, project_name: admin, user_domain_id: default, project_domain_id: default } } }\n`, { mode: 0o600 })
  const before = { ...process.env }
  for (const name of Object.keys(process.env)) if (/^OS_|^TROVESTRAP_/.test(name)) delete process.env[name]
  Object.assign(process.env, { OS_CLIENT_CONFIG_FILE: file, OS_CLOUD: 'lab' })
  t.teardown(() => {
    rmSync(folder, { recursive: true })
    for (const name of ['OS_CLIENT_CONFIG_FILE', 'OS_CLOUD']) delete process.env[name]
    Object.assign(process.env, before)
  })
}
