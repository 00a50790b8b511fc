// The whole road, as a newcomer types it: from a base image on the web to a query through an exposed address, and away again.
import { base, buildWords, cloud, image, publishWords, type } from './the-cloud.ts'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { createServer } from 'node:http'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createConnection } from 'mysql2/promise'
import root from 'tap'
import { HOST, PUBLIC, USERS } from '../../lab/cloud/network.ts'
import { managedInstances } from '../../openstack/trove.ts'
import { patience } from './patience.ts'

const fetched = join(dirname(image), 'base.qcow2')
const passwords = join(dirname(image), 'db.passwords')
const launchWords = ['trovestrap', 'launch', 'db-1', '--datastore', 'mysql', '--flavor', 'db.small', '--network', USERS.name, '--database', 'shop', '--user', 'shop', '--password-file', passwords, '--wait']

await root.test('image fetch brings the base image whole, and the second time has nothing left to do', async (t) => {
  await using web = await serveFile(base.qcow2)
  const words = ['trovestrap', 'image', 'fetch', web.url, '-o', fetched, '--sha256', await sha256(base.qcow2)]
  await type.well(words)
  t.equal((await stat(fetched)).size, (await stat(base.qcow2)).size)
  const requests = web.requests()
  t.match(await type(words), { status: 0 })
  t.equal(web.requests(), requests, 'without asking for it again')
})

await root.test('image build puts the daemon in, and image check objects to nothing', async (t) => {
  await type.well(await buildWords(fetched))
  t.match(await type(['trovestrap', 'image', 'check', image]), { status: 0 })
})

await root.test('image publish makes it the image of a datastore version, and the second time nothing is left to do', async (t) => {
  await type.well(publishWords)
  const versions = await type.well(['openstack', 'datastore', 'version', 'list', 'mysql', '-f', 'value', '-c', 'Name'])
  t.equal(versions.trim(), '5.7.29')
  const images = ['openstack', 'image', 'list', '--tag', 'trove', '--status', 'active', '-f', 'value', '-c', 'ID']
  const before = await type.well(images)
  t.equal(before.trim().split('\n').length, 1)
  t.match(await type(publishWords), { status: 0, stdout: /nothing/i })
  t.equal(await type.well(images), before)
})

await root.test('launch --wait ends when the guest is ready and its database greets', async (t) => {
  const { status, stdout, stderr } = await type(launchWords)
  t.equal(status, 0, `${stdout}${stderr}`)
  t.comment(stdout.trim())
  t.match(stdout, /greets|MySQL|MariaDB/)
})

await root.test('Trove says HEALTHY and ACTIVE, and a second launch takes the instance that is there', async (t) => {
  const { stdout } = await type(['openstack', 'database', 'instance', 'show', 'db-1', '-f', 'json'])
  t.match(JSON.parse(stdout), { status: 'ACTIVE', operating_status: 'HEALTHY' })
  t.match(await type(launchWords), { status: 0 })
  t.equal((await managedInstances(cloud.openstack, patience())).filter(({ deleted }) => deleted !== true).length, 1)
})

await root.test('the database answers a query through the floating address that Neutron forwards, until it is unexposed', async (t) => {
  const words = ['trovestrap', 'expose', 'db-1', '--port', '3307']
  const line = /mysql -h (10\.97\.0\.\d+) -P 3307/
  const [, address] = line.exec(await type.well(words))!
  t.match(await type(words), { status: 0, stdout: new RegExp(`mysql -h ${address} -P 3307`) })
  t.equal(await askedThrough(address!, 3307), 'shop')
  await type.well(['trovestrap', 'unexpose', 'db-1'])
  t.match(await type(['trovestrap', 'unexpose', 'db-1']), { status: 0 })
  await t.rejects(askedThrough(address!, 3307))
  t.equal((await type.well(['openstack', 'floating', 'ip', 'list', '-f', 'value'])).trim(), '')
})

await root.test("it answers through the host's own address as well, by rules of ours", async (t) => {
  const words = ['trovestrap', 'expose', 'db-1', '--host', '--address', PUBLIC.address, '--port', '3307']
  await type.well(words)
  t.match(await type(words), { status: 0 })
  t.equal(await askedThrough(PUBLIC.address, 3307), 'shop')
  await type.well(['trovestrap', 'unexpose', 'db-1'])
  await t.rejects(askedThrough(PUBLIC.address, 3307))
})

await root.test('delete takes it away with all that it left, and the second time nothing is left to do', async (t) => {
  const [instance] = await managedInstances(cloud.openstack, patience())
  const words = ['trovestrap', 'delete', instance!.id, '--remove-left-over']
  await type.well(words)
  t.match(await type(words), { status: 0 })
  t.equal((await type.well(['openstack', 'server', 'list', '--all-projects', '-f', 'value'])).trim(), '')
  t.equal((await type.well(['openstack', 'port', 'list', '-f', 'value', '-c', 'Name'])).trim(), '')
  t.equal(await cloud.broker.consumers(`guestagent.${instance!.id}`), undefined, 'nor its queue')
})

/** A query by the user that launch had made; as any client of MySQL asks it. @returns the database it is in */
async function askedThrough(host: string, port: number): Promise<string> {
  const password = /^shop:(.*)$/m.exec(await readFile(passwords, 'utf8'))![1]!
  const connection = await createConnection({ host, port, user: 'shop', password, database: 'shop', connectTimeout: 5_000 })
  try {
    const [rows] = await connection.query('select database() as name')
    return (rows as { name: string }[])[0]!.name
  } finally {
    await connection.end()
  }
}

async function sha256(file: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  return hash.digest('hex')
}

/** A web server with one file, as a distribution's. */
async function serveFile(file: string): Promise<AsyncDisposable & { readonly url: string; requests(): number }> {
  let requests = 0
  const server = createServer((_request, response) => {
    requests++
    void stat(file).then(({ size }) => pipeline(createReadStream(file), response.writeHead(200, { 'content-length': size }))).catch(() => response.destroy())
  })
  server.listen(0, HOST)
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  return { url: `http://${HOST}:${port}/base.qcow2`, requests: () => requests, [Symbol.asyncDispose]: async () => void server.close() }
}
