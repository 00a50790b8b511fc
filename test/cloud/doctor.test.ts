// doctor in a whole cloud: all well, then a few faults of it, each found by its own line alone and mended by typing what that says.
import { cloud, type } from './the-cloud.ts'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import root, { type Test } from 'tap'
import { MANAGEMENT } from '../../lab/cloud/network.ts'
import { until } from '../../lab/until.ts'
import type { Examination } from '../../diagnosis/doctor/examine.ts'

const WORDS = ['trovestrap', 'doctor', '--json', '--guests', MANAGEMENT.cidr, '--trove-conf', cloud.trove.files.troveConf, '--patience', '90']
/** A cloud on two busy cores takes its time. */
const MENDED_MS = 180_000

await offer()

await root.test('all is well in a cloud that is well, and every check has looked', async (t) => {
  const { status, stdout, stderr } = await type(WORDS)
  const { checks, verdict, broken } = JSON.parse(stdout) as Examination
  t.equal(status, 0, `${stdout}${stderr}`)
  t.equal(verdict, 'well')
  t.same(broken, [])
  // Nobody here keeps a clock.
  t.same(checks.filter(({ state }) => state !== 'well').map(({ check }) => check), ['clock'])
  t.match(checks.find(({ check }) => check === 'rabbitmq')!.text, /user trove, vhost trove: may configure, write, read/)
  t.match(await type(WORDS.filter((word) => word !== '--json')), { status: 0, stdout: /✔ RabbitMQ/ })
})

await root.test('who is no admin is told so, and what he may see is told', async (t) => {
  const { status, stdout } = await type([...WORDS, '--os-cloud', 'someone'])
  t.equal(status, 4)
  const { checks } = JSON.parse(stdout) as Examination
  t.match(checks.find(({ check }) => check === 'login'), { state: 'unseen', text: /without the role admin/, mend: [{ run: 'export OS_CLOUD=NAME' }] })
  t.match(checks.find(({ check }) => check === 'rabbitmq'), { state: 'well' })
})

const FAULTS: readonly [title: string, make: () => Promise<unknown>, check: string, id: string][] = [
  ['trove-conductor is stopped', () => type.well(['systemctl', 'stop', 'trove-conductor']), 'queues', 'J1'],
  ["the guests' user of RabbitMQ loses its permissions", () => type.well(['rabbitmqctl', 'clear_permissions', '-p', cloud.broker.vhost, cloud.broker.user]), 'rabbitmq', 'G3'],
  ['the image is deactivated', () => type.well(['openstack', 'image', 'set', '--deactivate', 'doctor']), 'datastores', 'N10'],
  ['nova-compute is disabled', async () => type.well(['openstack', 'compute', 'service', 'set', '--disable', await compute(), 'nova-compute']), 'nova', 'N11'],
]

for (const [title, make, check, id] of FAULTS) {
  await root.test(`${title}: ${check} says so, nothing else does, and what it says mends it`, async (t) => {
    await make()
    const found = await examined(t, ({ verdict }) => verdict === 'fault')
    t.same(found.checks.filter(({ state }) => state === 'fault').map((one) => [one.check, one.findings.map((finding) => finding.id)]), [[check, [id]]])
    const { mend } = found.checks.find((one) => one.check === check)!.findings[0]!
    for (const { run } of mend) if (run !== undefined) await type.well(['/bin/sh', '-e', '-c', run])
    const after = await examined(t, ({ verdict }) => verdict === 'well')
    t.equal(after.verdict, 'well')
  })
}

/** As soon as it is as it should be; as it is in the end where it never is. */
async function examined(t: Test, isSo: (examination: Examination) => boolean): Promise<Examination> {
  let last: Examination | undefined
  const look = async () => (isSo((last = JSON.parse((await type(WORDS)).stdout) as Examination)) ? last : undefined)
  await until('doctor to see it', look, { timeoutMs: MENDED_MS }).catch((error: Error) => t.comment(error.message))
  return last!
}

/** A datastore version with an image that is never booted. */
async function offer(): Promise<void> {
  const file = join(cloud.dir, 'doctor.raw')
  await writeFile(file, Buffer.alloc(1024))
  await type.well(['openstack', 'image', 'create', 'doctor', '--file', file, '--disk-format', 'raw', '--container-format', 'bare', '--public'])
  const id = (await type.well(['openstack', 'image', 'show', 'doctor', '-f', 'value', '-c', 'id'])).trim()
  await type.well(['openstack', 'datastore', 'version', 'create', '1', 'doctor', 'mysql', id, '--active'])
  root.teardown(async () => {
    await type(['openstack', 'datastore', 'version', 'delete', (await type.well(['openstack', 'datastore', 'version', 'list', 'doctor', '-f', 'value', '-c', 'ID'])).trim()])
    await type(['openstack', 'image', 'delete', id])
  })
}

async function compute(): Promise<string> {
  return (await type.well(['openstack', 'compute', 'service', 'list', '--service', 'nova-compute', '-f', 'value', '-c', 'Host'])).trim()
}
