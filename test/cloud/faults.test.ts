// Five faults of different layers, in real services and guests, and what diagnose says to them as an operator types it.
import { base, cloud, host, published, type } from './the-cloud.ts'
import { readFile, writeFile } from 'node:fs/promises'
import root from 'tap'
import { HOST, USERS } from '../../lab/cloud/network.ts'
import { until } from '../../lab/until.ts'
import { consoleOutput } from '../../openstack/nova.ts'
import { managedInstance, managedInstances } from '../../openstack/trove.ts'
import { patience } from './patience.ts'

const SAID_MS = 600_000
const { guestAgentConf, troveConf } = cloud.trove.files

let deletedByTrove = ''

await published()

await root.test('Nova with no valid host: N4', async (t) => {
  await type.well(['openstack', 'flavor', 'create', 'db.huge', '--id', 'huge', '--ram', '1024', '--disk', '1000000', '--ephemeral', '1', '--vcpus', '2'])
  const id = await launched('fault-host', { flavor: 'db.huge' })
  await until("Trove's word that it failed", async () => ((await managedInstance(cloud.openstack, id, patience())).status === 'ERROR' ? true : undefined), { timeoutMs: SAID_MS, everyMs: 2_000 })
  const { text } = await diagnosed(t, 'fault-host', 'N4')
  t.match(text, /No valid host was found/)
  await removed('fault-host')
  await type.well(['openstack', 'flavor', 'delete', 'db.huge'])
})

await root.test('injected_config_owner without its user, in an image that nobody prepared for it: B2', async (t) => {
  await using _config = await changed(troveConf, (text) => text.replace(/^injected_config_owner = .*$/m, 'injected_config_owner = ubuntu'), restartTaskmanager)
  const plain = ['trovestrap', 'image', 'publish', base.qcow2, '--datastore', 'mysql', '--version', 'plain', '--visibility', 'public', '--tag', 'plain']
  await type.well([...plain, '--kernel', base.kernel, '--initrd', base.initrd, '--os-command-line', `root=${base.root} rw console=ttyS0 net.ifnames=0`])
  const id = await launched('fault-owner', { version: 'plain' })
  await onConsole(id, /login: /)
  await diagnosed(t, 'fault-owner', 'B2')
  await removed('fault-owner')
})

await root.test("a guest config that names the guest's own localhost, which host-server does not hand out: C6", async (t) => {
  {
    await using _config = await changed(guestAgentConf, (text) => text.replaceAll(`@${HOST}:`, '@127.0.0.1:'), restartHost)
    const id = await launched('fault-localhost')
    await onConsole(id, /stage=network state=failed/)
    await diagnosed(t, 'fault-localhost', 'C6')
  }
  await ready((await managedInstances(cloud.openstack, patience())).find(({ name, deleted }) => name === 'fault-localhost' && deleted !== true)!.id)
  await removed('fault-localhost')
})

await root.test("a RabbitMQ user whose password is gone: G2, and what diagnose says to type lets the guest go on", async (t) => {
  await type.well(['rabbitmqctl', '--quiet', 'clear_password', cloud.broker.user])
  const id = await launched('fault-user')
  await reported(id, /^AMQP_LOGIN_REFUSED$/)
  await diagnosed(t, 'fault-user', 'G2')
  await cloud.broker.setPassword(cloud.broker.password)
  await ready(id)
  // Not by us: what that leaves is looked at below.
  await type.well(['openstack', 'database', 'instance', 'force', 'delete', id])
  deletedByTrove = id
})

await root.test('a guest without its data volume: H1', async (t) => {
  const id = await launched('fault-volume')
  const server = await serverOf(id)
  await until('its first word', () => stageOf(id), { timeoutMs: SAID_MS, everyMs: 500 })
  // libvirt knows it by Nova's id
  await type.well(['virsh', '--connect', 'qemu:///system', 'detach-disk', server, 'vdb', '--live'])
  await reported(id, /^AGENT_/)
  await diagnosed(t, 'fault-volume', 'H1')
  await removed('fault-volume')
})

await root.test('an instance that Trove deleted without us: its credential is revoked, and what it left is taken away', async (t) => {
  const revoked = async () => (await type.well(['trovestrap', 'audit', '--instance', deletedByTrove])).match(/revoke .*Trove has deleted it/)
  await until('host-server to revoke it', async () => (await revoked()) ?? undefined, { timeoutMs: SAID_MS, everyMs: 5_000 })
  t.match(await type.well(['trovestrap', 'delete', deletedByTrove, '--remove-left-over']), /was gone already; host-server has forgotten it and its credential\.\n.*removed: queue guestagent\./s)
  t.equal(await cloud.broker.consumers(`guestagent.${deletedByTrove}`), undefined)
})

async function launched(name: string, { flavor = 'db.small', version = '5.7.29' }: { flavor?: string; version?: string } = {}): Promise<string> {
  await type.well(['trovestrap', 'launch', name, '--datastore', 'mysql', '--version', version, '--flavor', flavor, '--network', USERS.name])
  return (await managedInstances(cloud.openstack, patience())).find((instance) => instance.name === name && instance.deleted !== true)!.id
}

async function removed(name: string): Promise<void> {
  await type.well(['trovestrap', 'delete', name, '--force', '--remove-left-over'])
}

/** As an operator reads it, and as programs do. */
async function diagnosed(t: Pick<typeof root, 'equal' | 'same' | 'comment'>, name: string, cause: string): Promise<{ text: string }> {
  const { status, stdout: text, stderr } = await type(['trovestrap', 'diagnose', name])
  t.comment(text)
  t.equal(status, 3, `${text}${stderr}`)
  const { findings } = JSON.parse((await type(['trovestrap', 'diagnose', name, '--json'])).stdout) as { findings: { id: string }[] }
  t.same(findings.map(({ id }) => id), [cause])
  return { text }
}

/** Waits until a guest has told its host of a fault. */
async function reported(id: string, code: RegExp): Promise<void> {
  const told = async () => (await host.client.instance(id).catch(() => undefined))?.reports.some(({ report }) => code.test(report.fault?.code ?? '')) || undefined
  await until(`${code} from instance ${id}`, told, { timeoutMs: SAID_MS, everyMs: 1_000 })
}

async function ready(id: string): Promise<void> {
  await until(`instance ${id} to be ready`, async () => ((await stageOf(id)) === 'ready' ? true : undefined), { timeoutMs: SAID_MS, everyMs: 1_000 })
}

async function serverOf(id: string): Promise<string> {
  return await until(`a server of ${id}`, async () => (await managedInstance(cloud.openstack, id, patience())).server_id ?? undefined, { timeoutMs: SAID_MS, everyMs: 1_000 })
}

/** Waits until a guest has written something on the console that Nova keeps. */
async function onConsole(id: string, words: RegExp): Promise<void> {
  const server = await serverOf(id)
  const written = async () => words.test(await consoleOutput(cloud.openstack, server, 1_000, patience()).catch(() => '')) || undefined
  await until(`${words} on the console of ${id}`, written, { timeoutMs: SAID_MS, everyMs: 2_000 })
}

async function stageOf(id: string): Promise<string | undefined> {
  return (await host.client.instance(id).catch(() => undefined))?.reports.at(-1)?.report.stage
}

/** Edits a file of the control plane; the end brings it back. @param tell makes known that it has changed */
async function changed(file: string, edit: (text: string) => string, tell: () => Promise<void>): Promise<AsyncDisposable> {
  const text = await readFile(file, 'utf8')
  const write = async (now: string) => {
    await writeFile(file, now)
    await tell()
  }
  if (edit(text) === text) throw new Error(`nothing to change in ${file}`)
  await write(edit(text))
  return { [Symbol.asyncDispose]: () => write(text) }
}

/** With a configuration that it refuses it says why, and does not run. */
async function restartHost(): Promise<void> {
  await host.stop()
  await host.start().catch(() => {})
}

async function restartTaskmanager(): Promise<void> {
  await cloud.trove.taskmanager.stop()
  await cloud.trove.taskmanager.start()
}
